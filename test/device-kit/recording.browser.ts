import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROFILES, type ProfileName } from '../../device/profile';
import { KVSSINK_CAPS } from './sdk-names';
import { kitOf } from './support';

/**
 * What the kit makes, run with GStreamer. Debian has no kvssink: in its place is a file, behind what it accepts.
 *
 * apt-get install shellcheck systemd ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-{base,good,bad,ugly} gstreamer1.0-libav
 *   gstreamer1.0-opencv python3-gi gir1.2-gstreamer-1.0 python3-paho-mqtt
 */
const folder = mkdtempSync(join(tmpdir(), 'device-kit-'));

beforeAll(() => {
  for (const { path, content, executable } of kitOf({ thing: '0001' })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: executable ? 0o755 : 0o644 });
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function probe(file: string, ...args: string[]): string[] {
  const output = execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v', ...args, '-of', 'csv=p=0', file]);
  return output.toString().trim().split('\n');
}

test.each<[ProfileName, number, string]>([
  ['720p', 2, 'Constrained Baseline'],
  ['1080p', 3, 'Main'],
])('%s with fragments of %d s is what is to be sent', (name, fragmentSeconds, h264) => {
  const { width, height, framesPerSecond, kilobitsPerSecond } = PROFILES[name];
  const recorded = join(folder, `${name}.mkv`);
  // Snow needs all that there is; as live pictures, since a camera doesn't wait.
  const frames = 4 * fragmentSeconds * framesPerSecond;
  const pictures = `video/x-raw,width=${width / 2},height=${height / 2},framerate=${framesPerSecond}/1`;
  const source = `videotestsrc is-live=true num-buffers=${frames} pattern=snow ! ${pictures}`;
  const kit = kitOf({ profile: name, fragmentSeconds, sources: [source] });
  const script = kit.find(({ path }) => path === 'record-drone-1.sh')!.content;
  const end = `capsfilter caps='${KVSSINK_CAPS}' ! matroskamux ! filesink location=${recorded}`;
  execFileSync('sh', ['-c', script.replace(/kvssink .*/, end)], { stdio: 'ignore' });

  expect(probe(recorded, '-show_entries', 'stream=profile,width,height,has_b_frames')).toEqual([
    `${h264},${width},${height},0`,
  ]);
  const packets = probe(recorded, '-show_entries', 'packet=pts_time,size,flags').map((line) => line.split(','));
  const keyFrames = packets.filter(([, , flags]) => flags.startsWith('K')).map(([time]) => Number(time));
  expect(keyFrames.length).toBeGreaterThanOrEqual(4);
  // Matroska counts in milliseconds.
  keyFrames.forEach((time, index) => expect(time - keyFrames[0]).toBeCloseTo(index * fragmentSeconds, 2));
  const pictureTypes = probe(recorded, '-show_entries', 'frame=pict_type').flatMap((line) => line.slice(0, 1) || []);
  expect(new Set(pictureTypes)).toEqual(new Set(['I', 'P']));
  const bits = packets.reduce((sum, [, size]) => sum + 8 * Number(size), 0);
  const seconds = packets.length / framesPerSecond;
  expect(bits / seconds / 1000).toBeGreaterThan(0.75 * kilobitsPerSecond);
  expect(bits / seconds / 1000).toBeLessThan(1.25 * kilobitsPerSecond);
});

test('shellcheck finds nothing in the scripts', () => {
  execFileSync(
    'shellcheck',
    ['record-0001.sh', 'watch-0001.sh'].map((name) => join(folder, name)),
  );
});

test('GStreamer reads the fields of the certificate as texts, a thing called 0001 too', () => {
  // The words that gst-launch-1.0 gets, given to an element of Debian that has a structure among its properties too.
  writeFileSync(join(folder, 'gst-launch-1.0'), `#!/bin/sh\nprintf '%s\\n' "$@"\n`, { mode: 0o755 });
  const words = execFileSync(join(folder, 'record-0001.sh'), {
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  const certificate = words
    .toString()
    .split('\n')
    .find((word) => word.startsWith('iot-certificate='))!;
  const read = `
import gi, json, sys
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
element = Gst.parse_launchv(["splitmuxsink", "muxer-properties=" + sys.argv[1].split("=", 1)[1]])
structure = element.get_property("muxer-properties")
print(json.dumps({structure.nth_field_name(n): structure.get_value(structure.nth_field_name(n)) for n in range(structure.n_fields())}))`;
  expect(JSON.parse(execFileSync('/usr/bin/python3', ['-c', read, certificate]).toString())).toEqual({
    endpoint: 'c1abcdefghijkl.credentials.iot.eu-west-1.amazonaws.com',
    'cert-path': '/etc/kvs/device.pem',
    'key-path': '/etc/kvs/device.key',
    'ca-path': '/etc/kvs/AmazonRootCA1.pem',
    'role-aliases': 'RoleAlias-AbC_123',
    'iot-thing-name': '0001',
  });
});

test('systemd knows the settings of the units, and finds them well shut in', () => {
  const units = ['kvs-edge.service', 'kvs-record@.service', 'kvs-watch@.service'];
  for (const unit of units) {
    const path = join(folder, 'systemd', unit);
    const { stderr } = verify(path);
    // What is new in 254, and what isn't installed here.
    const complaints = stderr
      .split('\n')
      .filter((line) => line && !/RestartSteps|RestartMaxDelaySec|is not executable/.test(line));
    expect(complaints).toEqual([]);
    // Out of 10, of which `MEDIUM` begins at 5: https://www.freedesktop.org/software/systemd/man/systemd-analyze.html
    execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', path], {
      stdio: 'pipe',
    });
  }
});

function verify(path: string): { stderr: string } {
  const command = 'systemd-analyze verify --man=no "$1" 2>&1 || true';
  return { stderr: execFileSync('sh', ['-c', command, 'sh', path]).toString() };
}
