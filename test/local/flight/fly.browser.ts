import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fly } from '../../../local/flight/fly';

const ROOT = join(__dirname, '../../..');

test('of what many drones meet the pilot gets each alert, and once, whatever goes wrong', async () => {
  const { tally, injected, undelivered } = await fly({
    drones: 6,
    faults: 8,
    encounters: 1,
    seed: 1,
    say: () => undefined,
  });
  // Whoever is ready first meets somebody once more until the last one is.
  expect(tally.encounters).toBeGreaterThanOrEqual(6);
  expect(tally).toMatchObject({ lost: [], duplicates: 0 });
  expect(undelivered).toEqual({});
  const { throttled, failed, dropped, killed, disconnected } = injected;
  for (const times of [throttled + failed + dropped, killed, disconnected]) expect(times).toBeGreaterThan(0);
}, 600_000);

test('npm start ends with what was seen', async () => {
  const start = spawn(process.execPath, [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'bin/start.ts'], { cwd: ROOT });
  const [output, errors, [code]] = await Promise.all([text(start.stdout), text(start.stderr), once(start, 'exit')]);
  expect([code, errors]).toEqual([0, '']);
  expect(output).toMatch(/^1 cell, 2 stacks, 142 resources\./);
  expect(output).toMatch(/Console: http:\/\/localhost:\d+ \(sign in as pilot\)/);
  expect(output.trim().split('\n').at(-1)).toMatch(
    /^Seen: registered after \S+ m?s, streaming after .+; obstacle on the console after .+, alert after .+ \(from images .+\); pilot in control after .+\.$/,
  );
}, 600_000);
