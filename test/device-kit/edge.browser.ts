import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes } from 'aedes';
import { motionMessage } from '../../lambda/common/motion-message';
import { producerReport } from '../../lambda/producer-telemetry/producer-report';
import { CONFIGURATION, kitOf } from './support';

const TELEMETRY = '$aws/rules/fleet/devices/gate-1/telemetry';
const folder = mkdtempSync(join(tmpdir(), 'device-kit-'));
const inFolder = (name: string) => join(folder, name);

interface Published {
  readonly client: string;
  readonly topic: string;
  readonly qos: number;
  readonly content: unknown;
}

let broker: Server;
let aedes: Aedes;
const published: Published[] = [];

beforeAll(async () => {
  makeCertificates();
  film('still.mkv', '50');
  // It moves from the fourth second to the eighth.
  film('moving.mkv', '50+100*clip(t-4,0,4)');
  broker = await startBroker();
});
beforeEach(() => published.splice(0));
afterAll(() => {
  aedes.close();
  broker.close();
  rmSync(folder, { recursive: true });
});

test('what moves is recorded and told of, and nothing else', async () => {
  await runEdge('moving.mkv', 20_000);
  const { length, first } = packetsOf('recorded.mkv');
  // 4 s of motion, and 5 s in which there could be more; less the moment that it takes to see it.
  expect(length / 30).toBeGreaterThan(5);
  expect(length / 30).toBeLessThan(12);
  expect(first).toMatch(/,K/);

  const motion = published.filter(({ topic }) => topic === 'devices/gate-1/motion');
  expect(motion.length).toBeGreaterThan(0);
  expect(motion.length).toBeLessThan(3);
  for (const { client, qos, content } of motion) {
    expect([client, qos]).toEqual(['gate-1', 1]);
    expect(motionMessage.parse(content)).toMatchObject({ camera: 'front' });
  }
});

test('of a still picture nothing is recorded, and it ends when it is told to', async () => {
  await runEdge('still.mkv', 8_000);
  expect(packetsOf('recorded.mkv').length).toBe(0);
  expect(published.filter(({ topic }) => topic === 'devices/gate-1/motion')).toEqual([]);
});

test('what the producer SDK logs becomes reports, and the rest of its log is passed on', async () => {
  // In the words of its `src/KinesisVideoStream.cpp` and `src/gstreamer/KvsSinkStreamCallbackProvider.cpp`, of version 3.6.0.
  writeFileSync(
    inFolder('log.txt'),
    [
      'DEBUG Kinesis Video client and stream metrics for gate-1.front',
      '\t>> Overall storage byte size: 134217728',
      '\t>> Available storage byte size: 117440512',
      '\t>> Allocated storage byte size: 16777216',
      '\t>> Total view allocation byte size: 96048',
      '\t>> Total streams elementary frame rate (fps): 30',
      '\t>> Total streams transfer rate (bps): 2096000 (2046 Kbps)',
      '\t>> Current view duration (ms): 310',
      '\t>> Overall view duration (ms): 4012',
      '\t>> Current view byte size: 81234',
      '\t>> Overall view byte size: 1012345',
      '\t>> Current elementary frame rate (fps): 29.97',
      '\t>> Current transfer rate (bps): 2096000 (2046 Kbps)',
      'WARN  Reported droppedFrame callback for stream handle 94021. Dropped frame timecode in 100ns: 17',
      'ERROR Reported stream error. Errored timecode: 17 Status: 0x4000005c for gate-1.front',
      'ERROR Put frame for gate-1.front failed with 0x3200002e',
      'DEBUG nobody wants to read this',
      '',
    ].join('\n'),
  );
  const said = await runEdge('still.mkv', 8_000, `filesrc location=${inFolder('log.txt')} ! fdsink fd=1`);
  const reports = published.filter(({ topic }) => topic === TELEMETRY);
  expect(reports.length).toBeGreaterThan(1);
  const [report, ...later] = reports.map(({ content }) => producerReport.parse(content));
  expect(report).toEqual({
    schemaVersion: '1.0',
    contentStoreSize: 134_217_728,
    contentStoreAvailableSize: 117_440_512,
    streams: [
      {
        currentViewDuration: 310,
        currentFrameRate: 29.97,
        currentTransferRate: 262_000,
        droppedFrames: 1,
        putFrameErrors: 1,
        errorAcks: 1,
      },
    ],
  });
  // Nothing is sent any more, so there is no stream to tell of: it would be taken for one that is stalled.
  for (const { streams } of later) expect(streams).toEqual([]);
  expect(said).toContain('ERROR Put frame for gate-1.front failed');
  expect(said).not.toMatch(/nobody wants|byte size/);
});

test('a pipeline that fails ends it, so that it is started anew', async () => {
  await expect(runEdge('none.mkv', 8_000)).rejects.toThrow(/ended with 1[^]*A pipeline failed/);
});

/** Runs the program on a film for a while, and then ends it as systemd does. Gives what it said. */
async function runEdge(name: string, milliseconds: number, beside = ''): Promise<string> {
  const source = `filesrc location=${inFolder(name)} ! decodebin ! identity sync=true`;
  const configuration = { ...CONFIGURATION, streams: '{thing}.front', channels: undefined };
  const kit = kitOf({ thing: 'gate-1', configuration, telemetryTopic: TELEMETRY, sources: [source] });
  const settings = JSON.parse(kit.find(({ path }) => path === 'edge.json')!.content);
  // A film is no live source, which waits for the end of its pipeline to have a picture; kvssink doesn't have it wait.
  const end = `matroskamux ! filesink async=false location=${inFolder('recorded.mkv')}`;
  const [camera] = settings.cameras;
  camera.pipeline = `${camera.pipeline.replace(/kvssink .*/, end)} ${beside}`;
  settings.mqtt = { ...settings.mqtt, host: '127.0.0.1', port: (broker.address() as AddressInfo).port };
  settings.telemetrySeconds = 2;
  writeFileSync(inFolder('edge.json'), JSON.stringify(settings));

  const edge = spawn('/usr/bin/python3', ['-B', join(__dirname, '../../device/edge.py'), inFolder('edge.json')], {
    env: { ...process.env, CREDENTIALS_DIRECTORY: folder },
  });
  return ended(edge, milliseconds);
}

async function ended(edge: ChildProcess, milliseconds: number): Promise<string> {
  let said = '';
  edge.stderr!.on('data', (text) => (said += text));
  const exit = once(edge, 'close');
  await Promise.race([exit, sleep(milliseconds)]);
  edge.kill('SIGTERM');
  const [code] = await exit;
  if (code !== 0) throw new Error(`It ended with ${code}. ${said}`);
  return said;
}

/** A white square on grey, with the noise that cameras have. */
function film(name: string, x: string): void {
  const filter = [
    'color=c=gray:s=640x360:r=30:d=25[ground]',
    'color=c=white:s=120x120:r=30:d=25[square]',
    `[ground][square]overlay=x='${x}':y=100,noise=alls=6:allf=t,format=yuv420p`,
  ].join(';');
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '10'];
  execFileSync('ffmpeg', ['-v', 'error', '-filter_complex', filter, ...codec, inFolder(name)]);
}

function packetsOf(name: string): { length: number; first?: string } {
  const entries = ['-v', 'quiet', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0'];
  // Of a file without a picture, it says that it is none.
  const lines = spawnSync('ffprobe', [...entries, inFolder(name)])
    .stdout.toString()
    .split('\n')
    .filter((line) => line);
  return { length: lines.length, first: lines[0] };
}

/** An authority, and certificates of it for the broker and the device. */
function makeCertificates(): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'AmazonRootCA1.pem',
    '-subj',
    '/CN=authority',
    '-days',
    '2',
  );
  for (const [name, subject] of [
    ['broker', '/CN=broker'],
    ['device', '/CN=gate-1'],
  ]) {
    const signed = ['-CA', 'AmazonRootCA1.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl(
      'req',
      '-x509',
      ...key,
      ...signed,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      subject,
      '-days',
      '2',
    );
  }
}

/** Takes nobody but the device: as AWS IoT does, by certificate. */
async function startBroker(): Promise<Server> {
  aedes = await Aedes.createBroker();
  aedes.on('publish', ({ topic, qos, payload }, client) => {
    if (client) published.push({ client: client.id, topic, qos, content: JSON.parse(payload.toString()) });
  });
  const [key, cert, ca] = ['broker.key', 'broker.pem', 'AmazonRootCA1.pem'].map((name) => readFileSync(inFolder(name)));
  const options = { key, cert, ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (socket: TLSSocket) => aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
