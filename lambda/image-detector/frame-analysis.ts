import * as z from 'zod';
import { schemaVersion } from '../common/detection-event';
import { seen } from '../common/device-message';

/** What a function that analyses frames is invoked with. */
export const frameAnalysisRequest = z
  .object({
    schemaVersion,
    bucket: z.string().min(1).describe('The bucket of the frame.'),
    key: z.string().min(1).describe('The key of the frame, a JPEG or PNG.'),
    device: z.string().min(1).describe('The name of the thing.'),
    camera: z.string().optional().describe('The camera, where a thing has several.'),
    capturedAt: z.iso.datetime().describe('When the frame was captured, by the clock of the device.'),
  })
  .meta({ title: 'Request for the analysis of a frame', description: 'What a function that analyses frames gets.' });

export type FrameAnalysisRequest = z.infer<typeof frameAnalysisRequest>;

/** What it returns, and an endpoint answers. */
export const frameAnalysis = z
  .object({
    schemaVersion,
    detections: z.array(seen).max(1000).describe('All that was seen in the frame; empty if nothing was.'),
  })
  .meta({ title: 'Analysis of a frame', description: 'What a function or an endpoint that analyses frames answers.' });
