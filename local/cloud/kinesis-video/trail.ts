import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Principal } from '../principals';

/** As much of a record of CloudTrail as is known here. */
export interface TrailRecord {
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly eventCategory: 'Data';
  readonly readOnly: boolean;
  readonly userIdentity: Record<string, unknown>;
  readonly requestParameters: Record<string, unknown> | null;
  readonly resources: readonly Record<string, string>[];
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly [field: string]: unknown;
}

/** What is a data event, and whether it is about a stream or a channel. */
export const DATA_EVENTS: Readonly<Record<string, 'Stream' | 'SignalingChannel'>> = {
  PutMedia: 'Stream',
  GetHLSStreamingSessionURL: 'Stream',
  GetClip: 'Stream',
  GetImages: 'Stream',
  ListFragments: 'Stream',
  GetMediaForFragmentList: 'Stream',
  ConnectAsMaster: 'SignalingChannel',
  ConnectAsViewer: 'SignalingChannel',
};

export interface DataEvent {
  readonly name: string;
  /** Of the stream or the channel. */
  readonly arn: string;
  readonly principal: Principal;
  readonly accessKeyId: string;
  readonly request: IncomingMessage;
  readonly parameters: object;
  readonly error?: Error;
}

/**
 * What a trail has of it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function trailRecord({ name, arn, request, parameters, error, ...who }: DataEvent): TrailRecord {
  const [, , , region, account] = arn.split(':');
  return {
    eventVersion: '1.11',
    eventID: randomUUID(),
    requestID: randomUUID(),
    eventTime: new Date().toISOString().replace(/\.\d+/, ''),
    eventSource: 'kinesisvideo.amazonaws.com',
    eventName: name,
    eventType: 'AwsApiCall',
    eventCategory: 'Data',
    managementEvent: false,
    readOnly: name.startsWith('Get') || name.startsWith('List'),
    awsRegion: region,
    recipientAccountId: account,
    sourceIPAddress: request.socket.remoteAddress ?? '',
    userAgent: request.headers['user-agent'] ?? '',
    userIdentity: identityOf(who),
    requestParameters: Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [key[0].toLowerCase() + key.slice(1), value as unknown]),
    ),
    responseElements: null,
    resources: [{ accountId: account, type: `AWS::KinesisVideo::${DATA_EVENTS[name]}`, ARN: arn }],
    ...(error && { errorCode: error.name.replace(/Exception$/, ''), errorMessage: error.message }),
  };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function identityOf({ principal, accessKeyId }: Pick<DataEvent, 'principal' | 'accessKeyId'>): Record<string, unknown> {
  const { arn, roleArn } = principal;
  if (!roleArn) return { type: 'AWSService', invokedBy: arn };
  const accountId = roleArn.split(':')[4];
  const issuer = `AROA${accountId}`;
  return {
    type: 'AssumedRole',
    principalId: `${issuer}:${arn.split('/').at(-1)}`,
    arn,
    accountId,
    accessKeyId,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: issuer,
        arn: roleArn,
        accountId,
        userName: roleArn.split('/').at(-1),
      },
    },
  };
}
