import { Duration, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FrameCountOptions, QueueRegister, StaffingOptions } from '../detection/queue-options';
import { checkDuration, checkPattern, checkRange, fail, lit } from './validation';

/** How many invocations run at once: all of them write the same item. */
export const CONCURRENCY = 2;

/** What is left of the 4 KB that a function's environment may have. */
const MAX_BYTES = 2800;

/**
 * The registers as lambda/queue-monitor/settings.ts reads them.
 * @param inFrames whether people are counted in frames, of which alone there are cameras and regions
 */
export function renderRegisters(scope: Construct, registers: QueueRegister[], inFrames: boolean): object[] {
  const code = lit`QueueRegisters`;
  checkRange(scope, code, 'registers.length', registers.length, { min: 1, max: 100 });
  const names = registers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) fail(scope, code, `Two of the \`registers\` are called '${twice}'.`);
  for (const register of registers) checkRegister(scope, register, inFrames);

  const rendered = registers.map(({ name, device = name, camera, line, cashier }) => ({
    name,
    device,
    camera,
    line,
    cashier,
  }));
  const bytes = Buffer.byteLength(JSON.stringify(rendered));
  if (bytes > MAX_BYTES) {
    const remedy = 'Use shorter names, or several monitors with a part of the registers each.';
    fail(scope, code, `\`registers\` have ${bytes} bytes as JSON; ${MAX_BYTES} are allowed. ${remedy}`);
  }
  return rendered;
}

/** When to open and close registers. */
export function renderStaffing(scope: Construct, options: StaffingOptions): object {
  const { openAbove = 4, closeBelow = 1, openAfter = Duration.minutes(2), closeAfter = Duration.minutes(10) } = options;
  const { staleAfter = Duration.minutes(1) } = options;
  const code = lit`QueueStaffing`;
  checkRange(scope, code, 'openAbove', openAbove, { min: 0.1, max: 1000, whole: false });
  checkRange(scope, code, 'closeBelow', closeBelow, { min: 0, max: 1000, whole: false });
  if (closeBelow >= openAbove) {
    const problem = `\`closeBelow\` is ${closeBelow} and \`openAbove\` ${openAbove}`;
    fail(scope, code, `${problem}; it must be less, or registers would be opened and closed by turns.`);
  }
  const from = { min: 10, unit: 'seconds' } as const;
  const fresh = { min: 5, max: 600, unit: 'seconds' } as const;
  return {
    openAbove,
    closeBelow,
    openAfterSeconds: checkDuration(scope, code, 'openAfter', openAfter, { ...from, max: 3600 }),
    closeAfterSeconds: checkDuration(scope, code, 'closeAfter', closeAfter, { ...from, max: 14_400 }),
    staleAfterSeconds: checkDuration(scope, lit`QueueStale`, 'staleAfter', staleAfter, fresh),
  };
}

/** How people are counted in frames. */
export function renderFrames(scope: Construct, options: FrameCountOptions = {}): object {
  const { minimumConfidence = 70, callsPerSecond = 5 } = options;
  const code = lit`QueueFrames`;
  checkRange(scope, code, 'minimumConfidence', minimumConfidence, { min: 0, max: 100, unit: 'percent', whole: false });
  checkRange(scope, code, 'callsPerSecond', callsPerSecond, { min: 1, max: 10_000, whole: false });
  return { minimumConfidence, callsPerSecond, maxConcurrency: CONCURRENCY };
}

function checkRegister(scope: Construct, register: QueueRegister, inFrames: boolean): void {
  const { name, device, camera, line, cashier } = register;
  const code = lit`QueueRegisters`;
  const rule = '1 to 64 of a-z A-Z 0-9 _ -, the first a letter or a digit';
  if (Token.isUnresolved(name)) fail(scope, code, 'The name of a register is a token; metrics need it at synthesis.');
  checkPattern(scope, code, 'name', name, /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/, rule);
  checkPattern(scope, code, 'device', device, /^[a-zA-Z0-9:_-]{1,128}$/, '1 to 128 of a-z A-Z 0-9 : _ -');
  checkPattern(scope, code, 'camera', camera, /^[a-zA-Z0-9_-]{1,32}$/, '1 to 32 of a-z A-Z 0-9 _ -');
  if (inFrames || !(camera || line || cashier)) return;
  fail(scope, code, `The register '${name}' has a camera or regions, which devices that count know by themselves.`);
}
