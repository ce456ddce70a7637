import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import { buildConsole } from '../../console/build';

/** What a browser may load before it shows alerts, in bytes as they are sent. */
const BUDGET = 250 * 1024;

const folders: string[] = [];

function build(): { folder: string; outputs: Metafile['outputs'] } {
  const folder = mkdtempSync(join(tmpdir(), 'console-'));
  folders.push(folder);
  return { folder, outputs: buildConsole(folder).outputs };
}

let folder: string;
let outputs: Metafile['outputs'];

beforeAll(() => ({ folder, outputs } = build()));
afterAll(() => folders.forEach((name) => rmSync(name, { recursive: true })));

const assets = (of: string) => readdirSync(join(of, 'assets')).sort();
const read = (name: string) => readFileSync(join(folder, 'assets', name));

/** With what it loads itself: all but hls.js and the WebRTC client, which are for when somebody watches. */
function initial(): string[] {
  const found = new Set<string>();
  const follow = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind } of outputs[path].imports) {
      const isMessages = Object.keys(outputs[next]?.inputs ?? {}).some((input) => input.includes('node_modules/mqtt/'));
      if (kind === 'import-statement' || isMessages) follow(next);
    }
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (/main\.tsx$|styles\.css$/.test(entryPoint ?? '')) follow(path);
  }
  return [...found].map((path) => basename(path));
}

test('what is loaded at first is small enough, with the messages of alerts', () => {
  const names = initial();
  expect(names.some((name) => name.startsWith('mqtt'))).toBe(true);
  const size = names.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
  expect(size).toBeLessThanOrEqual(BUDGET);
});

test.each(['hls.js', 'amazon-kinesis-video-streams-webrtc'])('%s comes when somebody watches', (library) => {
  const has = (path: string) =>
    Object.keys(outputs[path].inputs).some((input) => input.includes(`node_modules/${library}/`));
  const chunks = Object.keys(outputs).filter(has);
  expect(chunks).toHaveLength(1);
  expect(initial()).not.toContain(basename(chunks[0]));
});

test('two builds give the same bytes', () => {
  const other = build().folder;
  expect(assets(other)).toEqual(assets(folder));
  for (const name of assets(folder)) expect(readFileSync(join(other, 'assets', name)).equals(read(name))).toBe(true);
  expect(readFileSync(join(other, 'index.html'), 'utf8')).toBe(readFileSync(join(folder, 'index.html'), 'utf8'));
});

test('the page has no script or style of its own, and loads what is there', () => {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|\{\{/);
  const loaded = [...page.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map(([, name]) => name);
  expect(loaded).toHaveLength(3);
  expect(assets(folder)).toEqual(expect.arrayContaining(loaded));
});
