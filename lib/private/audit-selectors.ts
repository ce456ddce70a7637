import type { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { ManagementEvents } from '../audit/audit-choices';
import { PLAYBACK_PIECES, UPLOADS } from './media-calls';

type Selector = CfnTrail.AdvancedEventSelectorProperty;
type Field = CfnTrail.AdvancedFieldSelectorProperty;

export interface AuditedCalls {
  /** The ARNs, each of which may end in `*`. @default - all of the account in the region */
  readonly streams?: string[];
  readonly channels?: string[];
  /** The ARNs of buckets. */
  readonly buckets: string[];
  /** @default - all but what a player fetches within a session */
  readonly streamEvents?: string[];
  /** @default - all */
  readonly channelEvents?: string[];
  /** @default - all but uploads */
  readonly bucketEvents?: string[];
  readonly managementEvents: ManagementEvents;
}

/** What a trail records. Names that aren't known here are recorded too, unless the user has named others. */
export function auditSelectors(calls: AuditedCalls): Selector[] {
  const { buckets } = calls;
  const selectors = [
    data('Media of streams', 'AWS::KinesisVideo::Stream', [
      ...names(calls.streamEvents, PLAYBACK_PIECES),
      ...arns(calls.streams),
    ]),
    data('Sessions of signaling channels', 'AWS::KinesisVideo::SignalingChannel', [
      ...names(calls.channelEvents),
      ...arns(calls.channels),
    ]),
  ];
  if (buckets.length > 0) {
    const objects: Field = { field: 'resources.ARN', startsWith: buckets.map((arn) => `${arn}/`) };
    selectors.push(data('Images and clips', 'AWS::S3::Object', [...names(calls.bucketEvents, UPLOADS), objects]));
  }
  return [...selectors, ...management(calls.managementEvents)];
}

function data(name: string, type: string, fields: Field[]): Selector {
  return {
    name,
    fieldSelectors: [
      { field: 'eventCategory', equalTo: ['Data'] },
      { field: 'resources.type', equalTo: [type] },
      ...fields,
    ],
  };
}

function names(wanted: string[] | undefined, unwanted: string[] = []): Field[] {
  if (wanted) return [{ field: 'eventName', equalTo: wanted }];
  return unwanted.length > 0 ? [{ field: 'eventName', notEquals: unwanted }] : [];
}

/** Selectors know no wildcards: of an ARN whose time of creation isn't known, what stands before it has to do. */
function arns(wanted: string[] | undefined): Field[] {
  if (!wanted) return [];
  const exact = wanted.filter((arn) => !arn.endsWith('*'));
  const prefixes = wanted.filter((arn) => arn.endsWith('*')).map((arn) => arn.slice(0, -1));
  return [
    {
      field: 'resources.ARN',
      ...(exact.length > 0 && { equalTo: exact }),
      ...(prefixes.length > 0 && { startsWith: prefixes }),
    },
  ];
}

function management(events: ManagementEvents): Selector[] {
  if (events === ManagementEvents.NONE) return [];
  const fieldSelectors: Field[] = [{ field: 'eventCategory', equalTo: ['Management'] }];
  if (events === ManagementEvents.WRITE) fieldSelectors.push({ field: 'readOnly', equalTo: ['false'] });
  if (events === ManagementEvents.ALL_BUT_KMS) {
    fieldSelectors.push({ field: 'eventSource', notEquals: ['kms.amazonaws.com'] });
  }
  return [{ name: 'Management events', fieldSelectors }];
}
