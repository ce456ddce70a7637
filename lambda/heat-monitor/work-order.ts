import * as z from 'zod';
import { schemaVersion } from '../common/detection-event';
import type { Order } from './alarm-model';
import { assetName } from './reading';
import type { WatchedAsset } from './settings';

/** As which EventBridge knows it. */
export const WORK_ORDER = { source: 'cdk-kinesis-video.heat-monitor', detailType: 'Maintenance Work Order' } as const;

/** What the `detail` of the event has. */
export const maintenanceWorkOrder = z
  .object({
    schemaVersion,
    id: z.string().min(1).describe('The same for each delivery of the same order. One alarm has one order.'),
    fleet: z.string().min(1).describe('The name of the fleet, which is that of the plant.'),
    asset: assetName.describe('What is to be looked at.'),
    device: z.string().min(1).describe('The thing whose camera sees it.'),
    reason: z
      .enum(['LIMIT', 'HOTSPOT', 'DRIFT', 'LASTING', 'SILENT'])
      .describe(
        'LIMIT: hotter than it may ever be. HOTSPOT: much warmer than it normally is. DRIFT: it normally was cooler. LASTING: somewhat warmer than normal, for long. SILENT: there are no readings.',
      ),
    since: z.iso.datetime().describe('Since when it has been so, by the clock of the device.'),
    raisedAt: z.iso.datetime().describe('When that had been for long enough.'),
    celsius: z.number().optional().describe('How hot its hottest part was then, in degrees Celsius.'),
    rise: z.number().optional().describe('How much warmer than the air it was, in kelvin.'),
    normalRise: z.number().optional().describe('How much warmer than the air it normally is, if that is known.'),
  })
  .meta({
    title: 'Maintenance work order',
    description: `Somebody has to look at an asset. The detail of an event with the source \`${WORK_ORDER.source}\` and the type \`${WORK_ORDER.detailType}\`.`,
  });

export type MaintenanceWorkOrder = z.infer<typeof maintenanceWorkOrder>;

const moment = (milliseconds: number) => new Date(milliseconds).toISOString();

/** By which an alarm is known to those who acknowledge it. */
export function alarmId(fleet: string, asset: string, { raisedAt }: Pick<Order, 'raisedAt'>): string {
  return `${fleet}:${asset}:${moment(raisedAt)}`;
}

export function workOrderOf(fleet: string, { name, device }: WatchedAsset, order: Order): MaintenanceWorkOrder {
  const { reason, since, raisedAt, ...measured } = order;
  return {
    schemaVersion: '1.0',
    id: reason === 'SILENT' ? `${alarmId(fleet, name, order)}:SILENT` : alarmId(fleet, name, order),
    fleet,
    asset: name,
    device,
    reason,
    since: moment(since),
    raisedAt: moment(raisedAt),
    ...measured,
  };
}
