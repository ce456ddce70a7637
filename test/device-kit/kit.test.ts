import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { main } from '../../cli/main';
import { readDevice } from '../../device/configuration';
import { deviceKit, type KitFile } from '../../device/kit';
import { DeviceIdentity } from '../../lib';
import { CONFIGURATION, kitOf } from './support';
import { IOT_CERTIFICATE_FIELDS, KVSSINK_PROPERTIES, WEBRTC_VARIABLES } from './sdk-names';

const find = (files: KitFile[], path: string) => {
  const file = files.find((candidate) => candidate.path === path);
  if (!file) throw new Error(`There is no ${path} in ${files.map((each) => each.path).join(', ')}`);
  return file.content;
};
const edge = (files: KitFile[]) => JSON.parse(find(files, 'edge.json'));

/** The properties of kvssink, as a line has them. */
function kvssink(pipeline: string): Record<string, string> {
  const words = pipeline.split(/kvssink\s/)[1].matchAll(/([a-z-]+)=("[^"]*"|\S+)/g);
  return Object.fromEntries([...words].map(([, name, value]) => [name, value.replaceAll('"', '')]));
}

describe('the names that the SDKs have', () => {
  const kit = kitOf({ thing: '0001' });
  const pipeline: string = edge(kit).cameras[0].pipeline;

  test('kvssink knows each property', () => {
    const { 'iot-certificate': certificate, ...properties } = kvssink(pipeline);
    expect(KVSSINK_PROPERTIES).toEqual(expect.arrayContaining(Object.keys(properties)));
    expect(properties).toMatchObject({ 'stream-name': '0001', 'fragment-duration': '2000', 'storage-size': '128' });
    expect(certificate).toBeDefined();
  });

  test('the certificate has what the SDK requires, the name of the thing, and texts only', () => {
    const [heading, ...fields] = kvssink(pipeline)['iot-certificate'].split(',');
    expect(heading).toBe('iot-certificate');
    expect(fields.map((field) => field.split('=')[0])).toEqual([...IOT_CERTIFICATE_FIELDS.required, 'iot-thing-name']);
    for (const field of fields) expect(field).toMatch(/^[a-z-]+=\(string\)[\w./${}-]+$/);
  });

  test('the WebRTC sample knows each variable', () => {
    const exported = [...find(kit, 'watch-0001.sh').matchAll(/^export (\w+)=/gm)].map(([, name]) => name);
    expect(exported.length).toBeGreaterThan(6);
    expect(WEBRTC_VARIABLES).toEqual(expect.arrayContaining(exported));
  });

  test('both scripts say the same as the program', () => {
    const properties = find(kit, 'record-0001.sh')
      .split('kvssink ')[1]
      .replace(/"([a-z-]+)=([^"]*)"/g, '$1="$2"');
    expect(kvssink(`kvssink ${properties}`)).toEqual(kvssink(pipeline));
  });
});

describe('the device configuration', () => {
  test('is what DeviceIdentity hands out, for each camera', () => {
    const stack = new Stack(new App(), 'Stack');
    const identity = new DeviceIdentity(stack, 'Identity', { cameras: ['front', 'down'] });
    const handedOut = identity.configuration(stack);
    expect(Object.keys(CONFIGURATION).sort()).toEqual(Object.keys(handedOut).sort());

    const { streams, channels, detectionsTopic } = handedOut;
    const document = JSON.stringify({ ...CONFIGURATION, streams, channels, detectionsTopic });
    const device = readDevice(document, 'drone-1');
    expect(device.cameras).toEqual([
      { name: 'front', stream: 'drone-1.front', channel: 'drone-1.front' },
      { name: 'down', stream: 'drone-1.down', channel: 'drone-1.down' },
    ]);
    expect(device.motionTopic).toBe(identity.topic('drone-1', 'motion'));
  });

  test('without channels there is nothing to watch', () => {
    const kit = kitOf({ configuration: { ...CONFIGURATION, channels: undefined } });
    expect(kit.map(({ path }) => path)).not.toContainEqual(expect.stringMatching(/^watch-/));
  });

  test.each([
    ['no JSON', '{', 'drone-1', /not JSON/],
    ['no stream', JSON.stringify({ ...CONFIGURATION, streams: undefined }), 'drone-1', /`streams`/],
    [
      'the endpoint of MQTT',
      JSON.stringify({ ...CONFIGURATION, credentialEndpoint: CONFIGURATION.dataEndpoint }),
      'drone-1',
      /`credentialEndpoint`.*iot:CredentialProvider/,
    ],
    ['a command', JSON.stringify({ ...CONFIGURATION, roleAlias: 'a;reboot' }), 'drone-1', /`roleAlias`/],
    [
      'a list in a list',
      JSON.stringify({ ...CONFIGURATION, roleAlias: 'a,iot-thing-name=b' }),
      'drone-1',
      /`roleAlias`/,
    ],
    [
      'a stream of another thing',
      JSON.stringify({ ...CONFIGURATION, streams: 'drone-10' }),
      'drone-1',
      /drone-10 is none of drone-1/,
    ],
    ['a thing with a dot', JSON.stringify(CONFIGURATION), 'drone-1.front', /not the name of a thing/],
  ])('with %s is refused', (_name, document, thing, message) => {
    expect(() => readDevice(document, thing)).toThrow(message);
  });

  test.each([
    [{ fragmentSeconds: 1 }, /2 to 10/],
    [{ fragmentSeconds: 11 }, /2 to 10/],
    [{ fragmentSeconds: 2.5 }, /2 to 10/],
    [{ sources: [] }, /1 cameras.*0 sources/],
    [{ sources: ['v4l2src device=$(reboot)'] }, /characters/],
    [{ sources: ['rtsp://10.0.0.2/ ! filesrc'] }, /characters/],
  ])('and %j is refused', (options, message) => {
    expect(() => kitOf(options)).toThrow(message);
  });
});

test('a key frame begins each fragment, and the profile has no B-frames', () => {
  for (const [profile, keyFrames] of [
    ['720p', 120],
    ['1080p', 120],
  ] as const) {
    const [{ pipeline }] = edge(kitOf({ profile, fragmentSeconds: 4 })).cameras;
    expect(pipeline).toContain(` key-int-max=${keyFrames} bframes=0 `);
    expect(kvssink(pipeline)).toMatchObject({ 'fragment-duration': '4000', 'key-frame-fragmentation': 'true' });
  }
});

test('a camera that encodes by itself is decoded to be looked at, and not encoded anew', () => {
  const kit = kitOf({ sources: ['rtsp://camera:secret@10.0.0.2/one?x=1&y=2'] });
  expect(edge(kit).cameras[0].pipeline).toMatch(/avdec_h264[^]*motioncells/);
  for (const text of [edge(kit).cameras[0].pipeline, find(kit, 'record-drone-1.sh')])
    expect(text).not.toContain('x264enc');
  expect(find(kit, 'watch-drone-1.sh')).toContain(`video-only rtspsrc 'rtsp://camera:secret@10.0.0.2/one?x=1&y=2'`);
});

test('the component of Greengrass may publish to the topics of its thing, and nowhere else', () => {
  const kit = kitOf({ bucket: 'artifacts', telemetryTopic: '$aws/rules/fleet/devices/{thing}/telemetry' });
  // As Greengrass reads it, for which a date would not be a text.
  const recipe = parse(find(kit, 'greengrass/recipe.yaml'), { version: '1.1' });
  expect(recipe.RecipeFormatVersion).toBe('2020-01-25');
  const access = recipe.ComponentConfiguration.DefaultConfiguration.accessControl['aws.greengrass.ipc.mqttproxy'];
  expect(Object.values(access)).toEqual([
    {
      policyDescription: expect.any(String),
      operations: ['aws.greengrass#PublishToIoTCore'],
      resources: ['devices/drone-1/motion', '$aws/rules/fleet/devices/drone-1/telemetry'],
    },
  ]);
  const artifacts = recipe.Manifests[0].Artifacts.map(({ URI }: { URI: string }) => URI.split('/').at(-1));
  expect(kit.map(({ path }) => path)).toEqual(expect.arrayContaining(artifacts));
  expect(
    deviceKit(readDevice(JSON.stringify(CONFIGURATION), 'drone-1'), {
      program: '',
      profile: '720p',
      fragmentSeconds: 2,
      sources: ['a'],
    }).map(({ path }) => path),
  ).not.toContain('greengrass/recipe.yaml');
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'device-kit-'));
  const configuration = join(folder, 'configuration.json');
  const told: string[] = [];
  const run = (...args: string[]) =>
    main(['device-kit', ...args], {
      out: (text) => told.push(text),
      error: (text) => told.push(text),
      today: new Date(),
    });
  beforeAll(() => writeFileSync(configuration, JSON.stringify(CONFIGURATION)));
  beforeEach(() => told.splice(0));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes scripts that a shell can read, and the program', () => {
    expect(
      run(
        configuration,
        'drone-1',
        join(folder, 'kit'),
        '--source',
        `v4l2src device=/dev/video0 ! image/jpeg ! jpegdec`,
      ),
    ).toBe(0);
    for (const script of ['record-drone-1.sh', 'watch-drone-1.sh']) {
      execFileSync('sh', ['-n', join(folder, 'kit', script)]);
      expect(statSync(join(folder, 'kit', script)).mode & 0o777).toBe(0o755);
    }
    expect(readFileSync(join(folder, 'kit', 'edge.py'), 'utf8')).toContain('class Producers');
    expect(told.join('')).toContain('systemd/kvs-edge.service\n');
  });

  test.each([
    ['of one argument', ['a'], /needed[^]*Usage: cdk-kinesis-video device-kit/],
    ['with a profile that there isn’t', [configuration, 'drone-1', folder, '--profile', '4k'], /no profile '4k'/],
    ['with an option that there isn’t', [configuration, 'drone-1', folder, '--speed', '1'], /--speed/],
    ['without a file', [join(folder, 'none.json'), 'drone-1', folder], /ENOENT/],
  ])('%s fails', (_name, args, message) => {
    expect(run(...args)).toBe(2);
    expect(told.join('')).toMatch(message);
  });
});
