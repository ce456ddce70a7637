import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readSettings, site } from '../../on-prem/settings';

const FOLDER = join(__dirname, '../../on-prem');
const SITE = JSON.parse(readFileSync(join(FOLDER, 'site.json'), 'utf8'));
const compose = parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8'));

/** What Compose puts for `${NAME:?}`. */
function environmentOf(service: string): Record<string, string> {
  const given: Record<string, unknown> = compose.services[service].environment;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, String(value).replace(/\$\{\w+:\?\}/, 'a secret of the site')]),
  );
}

function withSite(content: unknown): () => unknown {
  const file = join(mkdtempSync(join(tmpdir(), 'site-')), 'site.json');
  writeFileSync(file, JSON.stringify(content));
  Object.assign(process.env, environmentOf('site'), { SITE_FILE: file });
  return readSettings;
}

describe('the services', () => {
  test('give the program all that it needs', () => {
    expect(withSite(SITE)()).toMatchObject({ STORE_BUCKET: 'media', site: { name: 'depot', codec: 'h264' } });
  });

  test('give Janus what its configuration names', () => {
    const templates = ['janus.jcfg', 'janus.plugin.videoroom.jcfg', 'janus.transport.http.jcfg'];
    const text = templates.map((name) => readFileSync(join(FOLDER, 'janus', name), 'utf8')).join('');
    const named = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(environmentOf('janus')).sort());
    const start = readFileSync(join(FOLDER, 'janus/start.sh'), 'utf8');
    for (const name of named) expect(start).toContain(`$${name}`);
  });

  test('are reached from this machine alone', () => {
    const ports = Object.values<{ ports?: string[] }>(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(environmentOf('janus').JANUS_ADDRESS).toBe('127.0.0.1');
  });

  test('have images of a version', () => {
    const images = Object.values<{ image?: string }>(compose.services).flatMap(({ image }) => image ?? []);
    expect(images.filter((image) => !/:\d|^\$/.test(image))).toEqual([]);
  });
});

const [CAMERA] = SITE.cameras;

test.each<[string, object, RegExp]>([
  ['no camera', { cameras: [] }, /cameras/],
  ['a device that is no name of a thing', { cameras: [{ ...CAMERA, device: 'gate/1' }] }, /cameras\[0\].device/],
  ['a short pin', { cameras: [{ ...CAMERA, pin: 'short' }] }, /cameras\[0\].pin/],
  ['an odd port', { cameras: [{ ...CAMERA, port: 21_001 }] }, /cameras\[0\].port/],
  ['two cameras of one device', { cameras: [CAMERA, { ...CAMERA, port: 21_002 }] }, /have the same device/],
  ['two cameras at one port', { cameras: [CAMERA, { ...CAMERA, device: 'gate-2' }] }, /have the same port/],
  ['what is no setting', { camera: [] }, /camera/],
  ['nothing to look for', { obstacles: [] }, /obstacles/],
])('%s is refused, and named', (_what, change, message) => {
  expect(withSite({ ...SITE, ...change })).toThrow(message);
});

test('an environment that lacks something is refused', () => {
  const read = withSite(SITE);
  delete process.env.MODEL_URL;
  expect(read).toThrow(/MODEL_URL/);
});

test('what is not said has a default', () => {
  const { name, cameras, obstacles } = SITE;
  expect(site.parse({ name, cameras, obstacles })).toEqual(site.parse(SITE));
});
