export const FRAME_BUCKET = 'amzn-s3-demo-bucket';
export const FRAME_TIME = '2026-11-24T10:00:01.250Z';

/**
 * What S3 sends to a queue about objects that were created; keys are encoded as in forms.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function objectCreated(...keys: string[]) {
  return objectCreatedAt(FRAME_TIME, ...keys);
}

/** The same, at another time. */
export function objectCreatedAt(eventTime: string, ...keys: string[]) {
  return {
    Records: keys.map((key) => ({
      eventVersion: '2.5',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime,
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 'AWS:AROAEXAMPLEID:drone-1' },
      requestParameters: { sourceIPAddress: '192.0.2.17' },
      responseElements: {
        'x-amz-request-id': 'C3D13FE58DE4C810',
        'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD',
      },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'Frames',
        bucket: {
          name: FRAME_BUCKET,
          ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
          arn: `arn:aws:s3:::${FRAME_BUCKET}`,
        },
        object: {
          key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'),
          size: 48_211,
          eTag: 'd41d8cd98f00b204e9800998ecf8427e',
          sequencer: '0055AED6DCD90281E5',
        },
      },
    })),
  };
}

/**
 * What S3 sends once, when a notification is configured.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const S3_TEST_EVENT = {
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-11-24T09:00:00.563Z',
  Bucket: FRAME_BUCKET,
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
};

export interface FrameName {
  readonly folder: string;
  /** The tag `AWS_KINESISVIDEO_IMAGE_PREFIX` of the fragment. */
  readonly imagePrefix?: string;
  readonly stream: string;
  /** In milliseconds since 1970. */
  readonly timecode?: number;
  readonly extension?: string;
}

/**
 * The key that Kinesis Video Streams gives to an image.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html
 */
export function frameKey({ folder, imagePrefix = '', stream, timecode, extension = 'jpg' }: FrameName): string {
  const time = timecode ?? Date.parse('2026-11-24T10:00:00.000Z');
  return `${folder}/${imagePrefix}_111122223333_${stream}_${time}_0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.${extension}`;
}
