import * as z from 'zod';
import { schemaVersion } from '../common/detection-event';

// Bounds, so that no device can spoil what is measured of the whole fleet.
const bytes = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40);
const count = z.number().int().min(0).max(1_000_000);

const streamReport = z.object({
  currentViewDuration: z
    .number()
    .min(0)
    .max(86_400_000)
    .describe('What waits in the buffer to be sent, in milliseconds of media.'),
  currentFrameRate: z.number().min(0).max(1000).describe('Frames that are put into the buffer, per second.'),
  // AWS takes 12.5 MB/s: https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/limits.html
  currentTransferRate: z.number().min(0).max(20_000_000).describe('Bytes that are sent, per second.'),
  droppedFrames: count.default(0).describe('Frames that were dropped since the last report.'),
  putFrameErrors: count.default(0).describe('Frames that could not be put into the buffer since the last report.'),
  errorAcks: count.default(0).describe('Fragments that AWS refused since the last report.'),
});

/**
 * What a device says of its producer, in the words of the producer SDK's `ClientMetrics` and `StreamMetrics`. Those count
 * from the start of the stream and in units of 100 ns, and this since the last report and in milliseconds.
 *
 * https://github.com/awslabs/amazon-kinesis-video-streams-pic
 */
export const producerReport = z
  .object({
    schemaVersion,
    contentStoreSize: bytes.min(1).describe('The size of the buffer, in bytes.'),
    contentStoreAvailableSize: bytes.describe('What of it is free, in bytes.'),
    streams: z.array(streamReport).max(16).describe('The streams that are started, in any order.'),
  })
  .refine((report) => report.contentStoreAvailableSize <= report.contentStoreSize, {
    path: ['contentStoreAvailableSize'],
    error: 'More is free than there is',
  })
  .meta({
    title: 'Telemetry of a producer',
    description: 'To be published once per interval to the topic that `ProducerTelemetry` names, with QoS 0.',
  });

export type ProducerReport = z.infer<typeof producerReport>;
