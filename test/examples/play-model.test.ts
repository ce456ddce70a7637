import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { follow, featuresOf, type Moment } from '../../examples/play-model/movement';
import { probabilities } from '../../examples/play-model/softmax';
import { PLAYS, learned, makeExamples, makePlay, randomNumbers } from '../../examples/play-model/train';
import weights from '../../examples/play-model/weights.json';
import { movementRequest } from '../../lambda/image-detector/analysers/movement-request';
import { frameAnalysis } from '../../lambda/image-detector/frame-analysis';

const FOLDER = join(__dirname, '..', '..', 'examples', 'play-model');

describe('what it learned', () => {
  test('is what the script makes of its seed', () => {
    expect(JSON.parse(JSON.stringify(learned()))).toEqual(weights);
  });

  test('holds for plays that it has not seen', () => {
    const examples = makeExamples(77, 50);
    const right = examples.filter(({ features, label }) => {
      const shares = probabilities(features, weights);
      return weights.classes[shares.indexOf(Math.max(...shares))] === label;
    });
    expect(right.length / examples.length).toBeGreaterThan(0.9);
  });

  test('is the same whichever way they play', () => {
    const play = makePlay('counter-attack', randomNumbers(5));
    const turned = play.map(({ at, people }) => ({ at, people: people.map(({ x, y }) => ({ x: 1 - x, y })) }));
    featuresOf(turned)!.forEach((feature, index) => expect(feature).toBeCloseTo(featuresOf(play)![index], 10));
  });
});

describe('following', () => {
  const at = (time: number, ...people: [number, number][]): Moment => ({
    at: time,
    people: people.map(([x, y]) => ({ x, y })),
  });

  test('knows everybody by who stands nearest, and how fast', () => {
    const players = follow(at(0, [0.2, 0.5], [0.8, 0.5]), at(500, [0.75, 0.5], [0.25, 0.5]));
    expect(players.map(({ x, vx }) => [x, Number(vx.toFixed(3))]).sort()).toEqual([
      [0.25, 0.1],
      [0.75, -0.1],
    ]);
  });

  test('is not of somebody who would have to fly', () => {
    expect(follow(at(0, [0.1, 0.5]), at(500, [0.9, 0.5]))).toEqual([]);
    expect(follow(at(500, [0.1, 0.5]), at(500, [0.1, 0.5]))).toEqual([]);
  });

  test('is each to one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
          maxLength: 20,
        }),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
          maxLength: 20,
        }),
        (before, after) => {
          expect(follow(at(0, ...before), at(500, ...after)).length).toBeLessThanOrEqual(
            Math.min(before.length, after.length),
          );
        },
      ),
    );
  });
});

describe('the container', () => {
  const folder = mkdtempSync(join(tmpdir(), 'play-model-'));
  let child: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const outfile = join(folder, 'server.js');
    buildSync({ entryPoints: [join(FOLDER, 'server.ts')], bundle: true, platform: 'node', outfile });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    // As SageMaker starts it.
    child = spawn(process.execPath, [outfile, 'serve'], { env: { PORT: String(port) }, stdio: 'inherit' });
    while (
      !(await fetch(`${url}/ping`).then(
        ({ ok }) => ok,
        () => false,
      ))
    );
  });
  afterAll(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    rmSync(folder, { recursive: true });
  });

  const request = (moments: Moment[]) =>
    movementRequest.parse({
      schemaVersion: '1.0',
      device: 'camera-1',
      moments: moments.map(({ at, people }) => ({
        capturedAt: new Date(1_795_514_400_000 + at).toISOString(),
        people,
      })),
    });
  const ask = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${url}/invocations`, { method: 'POST', body, headers });

  test.each(PLAYS)('predicts %s, the likeliest first, in the form that is read', async (play) => {
    const response = await ask(JSON.stringify(request(makePlay(play, randomNumbers(11)))));
    expect(response.status).toBe(200);
    const { detections } = frameAnalysis.strict().parse(await response.json());
    expect(detections[0].label).toBe(play);
    expect(detections.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(100, 6);
    expect(detections.map(({ confidence }) => confidence)).toEqual(
      detections.map(({ confidence }) => confidence).sort((a, b) => b - a),
    );
  });

  test('predicts nothing of one moment, or of nobody', async () => {
    for (const moments of [
      [{ at: 0, people: [{ x: 0.5, y: 0.5 }] }],
      [
        { at: 0, people: [] },
        { at: 500, people: [] },
      ],
    ]) {
      expect(await (await ask(JSON.stringify(request(moments)))).json()).toEqual({
        schemaVersion: '1.0',
        detections: [],
      });
    }
  });

  test.each([
    ['no JSON', 'moments', 400],
    ['null', 'null', 400],
    ['no moments', '{"moments":[]}', 400],
    ['moments that are null', '{"moments":[null]}', 400],
    [
      'people outside of the frame',
      '{"moments":[{"capturedAt":"2026-11-24T10:00:00Z","people":[{"x":2,"y":0}]}]}',
      400,
    ],
    ['too much', JSON.stringify('x'.repeat(600_000)), 413],
  ])('refuses %s', async (_what, body, status) => {
    expect((await ask(body)).status).toBe(status);
  });

  test('refuses another type and another path, and lives on', async () => {
    expect((await ask('{}', { 'content-type': 'image/jpeg' })).status).toBe(415);
    expect((await fetch(`${url}/models`)).status).toBe(404);
    expect((await fetch(`${url}/ping`)).status).toBe(200);
  });
});

test('the image starts what is built, without a shell between, so that it hears of its end', () => {
  const dockerfile = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain('ENTRYPOINT ["node", "/opt/model/server.js"]');
  expect(dockerfile).not.toMatch(/^USER /m);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
