import * as z from 'zod';
import { boundingBox } from '../common/detection-event';
import { registerName } from './counts';
import type { StaffingRule } from './staffing';

const register = z.object({
  name: registerName,
  device: z.string().min(1),
  camera: z.string().min(1).optional(),
  line: boundingBox.optional(),
  cashier: boundingBox.optional(),
});

export type Register = z.infer<typeof register>;

/** What `QueueMonitor` puts into the environment. */
export const monitorSettings = z.object({
  fleet: z.string().min(1),
  tableName: z.string().min(1),
  eventBusName: z.string().min(1),
  registers: z.array(register).min(1).max(100),
  openAbove: z.number(),
  openAfterSeconds: z.number(),
  closeBelow: z.number(),
  closeAfterSeconds: z.number(),
  staleAfterSeconds: z.number(),
  frames: z
    .object({
      minimumConfidence: z.number(),
      callsPerSecond: z.coerce.number().positive(),
      maxConcurrency: z.coerce.number().positive(),
    })
    .optional(),
});

export type MonitorSettings = z.infer<typeof monitorSettings>;

export function ruleOf(settings: MonitorSettings): StaffingRule {
  const { registers, openAbove, closeBelow, openAfterSeconds, closeAfterSeconds, staleAfterSeconds } = settings;
  return {
    registers: registers.map(({ name }) => name),
    openAbove,
    openAfter: 1000 * openAfterSeconds,
    closeBelow,
    closeAfter: 1000 * closeAfterSeconds,
    staleAfter: 1000 * staleAfterSeconds,
  };
}
