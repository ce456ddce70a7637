import * as z from 'zod';
import { schemaVersion } from '../../common/detection-event';

const share = z.number().min(0).max(1);

/** Where people stood in a frame. */
export const moment = z.object({
  capturedAt: z.iso.datetime().describe('When the frame was captured, by the clock of the camera.'),
  people: z
    .array(
      z.object({
        x: share.describe('From the left, a share of the width: the middle of the box.'),
        y: share.describe('From the top, a share of the height: the lower edge of the box, where the feet are.'),
      }),
    )
    .max(1000),
});

export type Moment = z.infer<typeof moment>;

/** What an endpoint gets that tells from positions what people are doing. */
export const movementRequest = z
  .object({
    schemaVersion,
    device: z.string().min(1).describe('The name of the thing.'),
    camera: z.string().optional().describe('The camera, where a thing has several.'),
    moments: z.array(moment).min(1).max(20).describe('The last ones that are known, the latest last.'),
  })
  .meta({
    title: 'Movement of people',
    description: 'What an endpoint gets that predicts from positions. It answers `frame-analysis.v1.json`.',
  });

export type MovementRequest = z.infer<typeof movementRequest>;
