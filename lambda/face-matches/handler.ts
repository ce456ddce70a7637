import * as z from 'zod';
import { withinFrame } from '../common/bounding-box';
import type { Sighting } from '../common/obstacles';
import { parseMessage } from '../common/queue-worker';
import { report, type ReportPorts } from '../common/report';
import type { Arrival } from '../common/stream-worker';
import { captureTime, videoSource } from '../common/video-source';

const percent = z.number().min(0).max(100);

const face = z.object({
  DetectedFace: z.object({
    BoundingBox: z
      .object({ Left: z.number(), Top: z.number(), Width: z.number(), Height: z.number() })
      .transform(withinFrame)
      .optional(),
    Confidence: percent,
  }),
  MatchedFaces: z
    .array(
      z.object({
        Similarity: percent,
        Face: z.object({ FaceId: z.string().min(1), ExternalImageId: z.string().min(1).optional() }),
      }),
    )
    .default([]),
});

/** A record for each frame that was looked at, most of them without faces. */
const record = z.object({ FaceSearchResponse: z.array(face).nullish() });

/** https://docs.aws.amazon.com/rekognition/latest/dg/streaming-video-kinesis-output-reference.html */
const origin = z.object({
  InputInformation: z.object({
    KinesisVideo: z.object({
      StreamArn: z.string(),
      FragmentNumber: z.string().min(1),
      ProducerTimestamp: z.number().optional(),
      ServerTimestamp: z.number().optional(),
      FrameOffsetInSeconds: z.number().min(0).default(0),
    }),
  }),
});

/** Raises alerts for the faces that a face search has seen in a frame. */
export async function handle(data: string, ports: ReportPorts, { arrivedAt }: Arrival): Promise<void> {
  const faces = parseMessage(record, data).FaceSearchResponse ?? [];
  if (faces.length === 0) return;

  const video = parseMessage(origin, data).InputInformation.KinesisVideo;
  await report(
    {
      ...videoSource(video.StreamArn),
      id: `${video.FragmentNumber}:${video.FrameOffsetInSeconds}`,
      source: 'STREAM_PROCESSOR',
      capturedAt: captureTime(
        ports.alerts.now(),
        frameTime(video, 'ProducerTimestamp'),
        frameTime(video, 'ServerTimestamp'),
      ),
      arrivedAt,
      sightings: faces.flatMap(sightingsOf),
    },
    ports,
  );
}

/** The timestamps are the fragment's, in seconds. */
function frameTime(
  video: z.infer<typeof origin>['InputInformation']['KinesisVideo'],
  clock: 'ProducerTimestamp' | 'ServerTimestamp',
): number | undefined {
  const fragment = video[clock];
  return fragment === undefined ? undefined : (fragment + video.FrameOffsetInSeconds) * 1000;
}

/** A face is all that it matches, or unknown. */
function sightingsOf({ DetectedFace, MatchedFaces }: z.infer<typeof face>): Sighting[] {
  const { BoundingBox: boundingBox, Confidence: confidence } = DetectedFace;
  if (MatchedFaces.length === 0) return [{ label: 'unknown face', confidence, boundingBox }];
  return MatchedFaces.map(({ Similarity, Face }) => ({
    label: Face.ExternalImageId ?? 'face',
    confidence: Similarity,
    boundingBox,
  }));
}
