import * as z from 'zod';
import { schemaVersion } from '../common/detection-event';
import type { Decision } from './staffing';

/** As which EventBridge knows it. */
export const SIGNAL = { source: 'cdk-kinesis-video.queue-monitor', detailType: 'Staffing Signal' } as const;

/** What the `detail` of the event has. */
export const staffingSignal = z
  .object({
    schemaVersion,
    id: z.string().min(1).describe('The same for each delivery of the same signal.'),
    fleet: z.string().min(1).describe('The name of the fleet, which is that of the store.'),
    change: z.enum(['OPEN', 'CLOSE']).describe('Whether to open another register, or to close one.'),
    waiting: z.number().int().min(0).describe('How many people wait at all registers.'),
    openRegisters: z.number().int().min(0).describe('How many registers are open, or not known to be closed.'),
    since: z.iso.datetime().describe('Since when there have been too many people, or too few, without a break.'),
    decidedAt: z.iso.datetime().describe('When it was decided.'),
  })
  .meta({
    title: 'Staffing signal',
    description: `Another register is needed, or one less. The detail of an event with the source \`${SIGNAL.source}\` and the type \`${SIGNAL.detailType}\`.`,
  });

export type StaffingSignal = z.infer<typeof staffingSignal>;

export function signalOf(fleet: string, { change, waiting, openRegisters, ...times }: Decision): StaffingSignal {
  const decidedAt = new Date(times.decidedAt).toISOString();
  return {
    schemaVersion: '1.0',
    id: `${fleet}:${decidedAt}:${change}`,
    fleet,
    change,
    waiting,
    openRegisters,
    since: new Date(times.since).toISOString(),
    decidedAt,
  };
}
