import { Duration, type App } from 'aws-cdk-lib';
import * as z from 'zod';
import { FrameRegion, type QueueRegister, type StaffingOptions } from '../../lib';
import { environment, name, readContext } from '../context';

const share = z.number().min(0).max(1);
const region = z.strictObject({ left: share, top: share, width: share, height: share });
const seconds = z.int().min(5).max(14_400);

/** What can be configured of the store. The constructs check the rest, and say what is wrong with it. */
const configuration = z.strictObject({
  name: name.default('store'),
  env: environment,
  counting: z.enum(['device', 'cloud']).default('device'),
  registers: z
    .array(
      z.strictObject({
        name: z.string(),
        device: z.string().optional(),
        line: region.optional(),
        cashier: region.optional(),
      }),
    )
    .default([{ name: 'till-1' }, { name: 'till-2' }, { name: 'till-3' }]),
  staffing: z
    .strictObject({
      openAbove: z.number().optional(),
      openAfterSeconds: seconds.optional(),
      closeBelow: z.number().optional(),
      closeAfterSeconds: seconds.optional(),
      staleAfterSeconds: seconds.optional(),
    })
    .default({}),
  imageIntervalSeconds: z.number().min(1).max(60).default(10),
  signalEmails: z.array(z.email()).default([]),
  alarmEmails: z.array(z.email()).default([]),
});

export type Store = z.infer<typeof configuration>;

/**
 * The configuration: the context value `store`, either itself or the path of a JSON file that has it (`-c store=…`).
 * @throws Error which names each field that is wrong, and says why
 */
export function readStore(app: App): Store {
  return readContext(app, 'store', configuration);
}

export function registersOf({ registers }: Store): QueueRegister[] {
  return registers.map(({ line, cashier, ...register }) => ({
    ...register,
    line: line && new FrameRegion(line),
    cashier: cashier && new FrameRegion(cashier),
  }));
}

export function staffingOf({ staffing }: Store): StaffingOptions {
  const { openAfterSeconds, closeAfterSeconds, staleAfterSeconds, ...limits } = staffing;
  const duration = (amount: number | undefined) => (amount === undefined ? undefined : Duration.seconds(amount));
  return {
    ...limits,
    openAfter: duration(openAfterSeconds),
    closeAfter: duration(closeAfterSeconds),
    staleAfter: duration(staleAfterSeconds),
  };
}
