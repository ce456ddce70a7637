/**
 * Records of CloudTrail. AWS shows none of data events of Kinesis Video Streams; these have the fields that it documents
 * for all events, and the identities and parameters that the calls have.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export interface CloudTrailRecord {
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly eventCategory: 'Data' | 'Management';
  readonly readOnly: boolean;
  readonly userIdentity: Record<string, unknown>;
  readonly requestParameters: Record<string, unknown> | null;
  readonly resources?: Record<string, string>[];
  readonly [field: string]: unknown;
}

const ACCOUNT = '111122223333';

/** A session of a role, as the credentials of a function, of a viewer and of a device are. */
export function session(roleArn: string, name: string): Record<string, unknown> {
  const [role] = roleArn.split('/').slice(-1);
  return {
    type: 'AssumedRole',
    principalId: `AROAIOSFODNN7EXAMPLE:${name}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
    accountId: ACCOUNT,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAIOSFODNN7EXAMPLE',
        arn: roleArn,
        accountId: ACCOUNT,
        userName: role,
      },
      attributes: { creationDate: '2026-11-24T09:59:00Z', mfaAuthenticated: 'false' },
    },
  };
}

/** An IAM user, as in AWS's examples. */
export function user(name: string): Record<string, unknown> {
  return {
    type: 'IAMUser',
    principalId: 'AIDAIOSFODNN7EXAMPLE',
    arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
    accountId: ACCOUNT,
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    userName: name,
  };
}

/**
 * What the credentials provider of AWS IoT names a session after is seen where such a session is refused something.
 * https://github.com/awslabs/amazon-kinesis-video-streams-producer-sdk-cpp/issues/351
 */
export const CERTIFICATE_ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90';

type Fields = Partial<CloudTrailRecord>;

/** A call on a stream or a channel, by default a data event that names it among its resources only. */
export function mediaCall(
  eventName: string,
  media: string,
  userIdentity: object,
  fields: Fields = {},
): CloudTrailRecord {
  const isChannel = eventName.startsWith('ConnectAs') || eventName.startsWith('JoinStorage');
  const arn = `arn:aws:kinesisvideo:eu-west-1:${ACCOUNT}:${isChannel ? 'channel' : 'stream'}/${media}/1700000000000`;
  const type = isChannel ? 'AWS::KinesisVideo::SignalingChannel' : 'AWS::KinesisVideo::Stream';
  return record({
    eventSource: 'kinesisvideo.amazonaws.com',
    eventName,
    eventCategory: 'Data',
    userIdentity: userIdentity as Record<string, unknown>,
    resources: [{ accountId: ACCOUNT, type, ARN: arn }],
    ...fields,
  });
}

/** A call on an object. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html */
export function objectCall(eventName: string, bucketName: string, key: string, userIdentity: object): CloudTrailRecord {
  return record({
    eventSource: 's3.amazonaws.com',
    eventName,
    eventCategory: 'Data',
    userIdentity: userIdentity as Record<string, unknown>,
    requestParameters: { bucketName, key, Host: `${bucketName}.s3.eu-west-1.amazonaws.com` },
    resources: [
      { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucketName}/${key}` },
      { accountId: ACCOUNT, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucketName}` },
    ],
  });
}

/** A use of a key. https://docs.aws.amazon.com/kms/latest/developerguide/ct-decrypt.html */
export function keyCall(eventName: string, keyArn: string, userIdentity: object): CloudTrailRecord {
  return record({
    eventSource: 'kms.amazonaws.com',
    eventName,
    eventCategory: 'Management',
    readOnly: eventName === 'Decrypt',
    userIdentity: userIdentity as Record<string, unknown>,
    requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
    resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: keyArn }],
  });
}

/** A change of a trail. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-events.html */
export function trailCall(eventName: string, requestParameters: Record<string, unknown>): CloudTrailRecord {
  return record({ eventSource: 'cloudtrail.amazonaws.com', eventName, userIdentity: user('alice'), requestParameters });
}

/** Of AWS's example, which has the space before the name of the service. https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/monitoring-cloudtrail.html */
export function streamDeleted(): CloudTrailRecord {
  return record({
    eventVersion: '1.05',
    eventTime: '2026-11-24T10:05:00Z',
    eventSource: ' kinesisvideo.amazonaws.com',
    eventName: 'DeleteStream',
    userIdentity: user('alice'),
    requestParameters: {
      streamARN: `arn:aws:kinesisvideo:us-east-1:${ACCOUNT}:stream/drone-1/1700000000000`,
      currentVersion: 'keqrjeqkj9',
    },
    resources: undefined,
  });
}

export function record(fields: Fields): CloudTrailRecord {
  return {
    eventVersion: '1.11',
    eventTime: '2026-11-24T10:00:00Z',
    eventSource: 'kinesisvideo.amazonaws.com',
    eventName: 'DescribeStream',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '192.0.2.1',
    userAgent: 'aws-sdk-js/3.1138.0',
    userIdentity: {},
    requestParameters: null,
    responseElements: null,
    requestID: 'db6c59f8-c757-11e3-bc3b-57923b443c1c',
    eventID: 'b7acfcd0-6ca9-4ee1-a3d7-c4e8d420d99b',
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: fields.eventCategory !== 'Data',
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: 'kinesisvideo.eu-west-1.amazonaws.com',
    },
    ...fields,
  };
}
