import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Job {
  readonly permissions?: Record<string, string>;
  readonly environment?: string | { readonly name: string };
  readonly 'timeout-minutes'?: number;
  readonly steps: { readonly uses?: string; readonly run?: string; readonly with?: Record<string, unknown> }[];
}

interface Workflow {
  readonly on: Record<string, unknown>;
  readonly permissions?: Record<string, string>;
  readonly jobs: Record<string, Job>;
}

const FOLDER = join(__dirname, '..', '..', '.github', 'workflows');
const TEXTS = readdirSync(FOLDER).map((file): [string, string] => [file, readFileSync(join(FOLDER, file), 'utf8')]);
const WORKFLOWS = TEXTS.map(([file, text]): [string, Workflow] => [file, parse(text)]);
const JOBS = WORKFLOWS.flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]): [string, Job] => [`${file} ${name}`, job]),
);
const commandsOf = ({ steps }: Job) => steps.flatMap(({ run }) => run ?? []);

test('there is one for changes, and one for releases', () => {
  expect(WORKFLOWS.map(([file]) => file)).toEqual(['build.yml', 'release.yml']);
});

describe.each(WORKFLOWS)('%s', (file, { on, permissions }) => {
  test('may do nothing by itself but read', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });

  test('never runs the code of strangers with the rights of this repository', () => {
    expect(on).not.toHaveProperty('pull_request_target');
    expect(on).not.toHaveProperty('workflow_run');
  });

  test('has no secrets', () => {
    expect(Object.fromEntries(TEXTS)[file]).not.toMatch(/\bsecrets\b/);
  });

  test('has no expression in a command, which whoever names a branch could write', () => {
    const commands = JOBS.filter(([name]) => name.startsWith(file)).flatMap(([, job]) => commandsOf(job));
    expect(commands.filter((command) => command.includes('${{'))).toEqual([]);
  });
});

describe.each(JOBS)('%s', (_name, job) => {
  test('ends by itself', () => {
    expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });

  test('runs actions of one commit, named with their version', () => {
    const actions = job.steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.filter((action) => !/^actions\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
    for (const action of actions) {
      expect(TEXTS.map(([, text]) => text).join('')).toMatch(new RegExp(`${action} # v\\d+\\.\\d+\\.\\d+\\n`));
    }
  });

  test('installs what the lockfile says', () => {
    expect(commandsOf(job).filter((command) => /\bnpm (i|install|update)\b|\bnpx --yes\b/.test(command))).toEqual([]);
  });

  test('leaves no credentials beside the code that it runs', () => {
    const checkouts = job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(checkouts.map(() => false));
  });
});

describe('a release', () => {
  const { jobs, on } = Object.fromEntries(WORKFLOWS)['release.yml'];
  const withRights = Object.entries(jobs).filter(([, { permissions }]) => permissions !== undefined);

  test('is made of a tag only', () => {
    expect(on).toEqual({ push: { tags: ['v*'] } });
  });

  test('is published by one job with the identity that npm trusts, described by one that writes, and shown by one for pages', () => {
    expect(withRights.map(([name, { permissions }]) => [name, permissions])).toEqual([
      ['publish', { 'id-token': 'write' }],
      ['site', { pages: 'write', 'id-token': 'write' }],
      ['notes', { contents: 'write' }],
    ]);
    expect(jobs.publish.environment).toBe('npm');
    // Its identity is that of another environment, from which npm takes nothing.
    expect(jobs.site.environment).toMatchObject({ name: 'github-pages' });
  });

  test('has no code of the repository, nor of dependencies, where there are rights', () => {
    for (const [name, job] of withRights) {
      expect([name, job.steps.filter(({ uses }) => uses?.includes('checkout'))]).toEqual([name, []]);
      expect([
        name,
        commandsOf(job).filter((command) => !/^(npm publish .*--ignore-scripts$|gh )/.test(command)),
      ]).toEqual([name, []]);
    }
    expect(commandsOf(jobs.publish)[0]).toContain('--provenance');
  });

  test('is tested, and has its bill of materials', () => {
    const commands = commandsOf(jobs.build);
    expect(commands).toEqual(expect.arrayContaining(['bash .ci/run', 'npm run sbom -- release/sbom.cdx.json']));
    expect(commandsOf(jobs.notes)[0]).toContain('release/*');
  });
});
