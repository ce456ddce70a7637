import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { RULES } from '../../lib/checks/rules';
import { CheckedTemplate } from '../../lib/checks/template';
import { findingsOf, reportingApp } from '../support/checks';

const FOLDER = join(__dirname, 'templates');

const app = reportingApp();
const templates = new Map(
  RULES.map(({ id }) => [
    id,
    new CfnInclude(new Stack(app, id, { env: { region: 'eu-west-1' } }), 'Template', {
      templateFile: join(FOLDER, `${id}.yaml`),
    }),
  ]),
);
const findings = findingsOf(app);

/** The logical IDs in the template of the rule. */
function idsOf(id: string): string[] {
  return templates.get(id)!.node.children.map(({ node }) => node.id);
}

test('each rule has a template, and each template a rule', () => {
  const ids = RULES.map(({ id }) => `${id}.yaml`);
  expect(readdirSync(FOLDER).sort()).toEqual([...new Set(ids)].sort());
});

/** The value with each of its parts, one at a time, known at deployment only. */
function* withIntrinsics(value: unknown): Generator<unknown> {
  yield { Ref: 'Parameter' };
  yield { 'Fn::If': ['Condition', value, { Ref: 'AWS::NoValue' }] };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    if (key.startsWith('Fn::') || key === 'Ref') continue;
    for (const changed of withIntrinsics(part)) {
      yield Array.isArray(value)
        ? value.map((item, index) => (index === Number(key) ? changed : item))
        : { ...value, [key]: changed };
    }
  }
}

test.each(RULES.map(({ id }) => id))('%s: takes intrinsics anywhere in its template', (id) => {
  const { Resources } = JSON.parse(readFileSync(join(app.outdir, Stack.of(templates.get(id)!).templateFile), 'utf8'));
  const found = Object.entries<{ Properties?: object }>(Resources).flatMap(([logicalId, resource]) =>
    [...withIntrinsics(resource.Properties ?? {})].map((Properties) => {
      const template = new CheckedTemplate({ Resources: { ...Resources, [logicalId]: { ...resource, Properties } } });
      return RULES.map((rule) => [...rule.check(template)].length);
    }),
  );
  expect(found.length).toBeGreaterThan(Object.keys(Resources).length);
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const found = findings.filter(({ rule: which, path }) => which === id && path.startsWith(`${id}/`));

  test('finds what is bad in its template, and nothing that is good', () => {
    const ids = idsOf(id);
    expect(ids.filter((logicalId) => logicalId.startsWith('Good'))).not.toEqual([]);
    const bad = ids.filter((logicalId) => logicalId.startsWith('Bad'));
    expect(bad).not.toEqual([]);
    expect([...new Set(found.map(({ logicalId }) => logicalId))].sort()).toEqual(bad.sort());
  });

  test('says what is wrong, where, and what to do', () => {
    for (const { severity, description, fix, path, locations, logicalId } of found) {
      expect(description.startsWith(rule.title)).toBe(true);
      expect({ severity, fix, path }).toEqual({
        severity: rule.severity,
        fix: `${rule.fix} ${rule.link}`,
        path: `${id}/Template/${logicalId}`,
      });
      expect(locations).toEqual([expect.stringMatching(/^(Properties(\.\w+)*|DeletionPolicy|UpdateReplacePolicy)$/)]);
    }
    expect(rule.link).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/.+\.html$/);
  });
});
