import * as z from 'zod';
import { boundingBox, schemaVersion, severity } from '../common/detection-event';

const verdict = z
  .enum(['FAULTY', 'UNKNOWN'])
  .describe('FAULTY: the model saw a defect. UNKNOWN: it could not be asked in time, or not at all.');

const common = {
  schemaVersion,
  id: z.string().min(1).describe('The same for each delivery about the same image.'),
  line: z.string().min(1).describe('The line, which is the name of the thing.'),
  camera: z.string().optional().describe('The camera, where a line has several.'),
  verdict,
  capturedAt: z.iso.datetime().describe('When the image was captured, by the clock of the camera.'),
  decidedAt: z.iso.datetime().describe('When it was decided.'),
  deadline: z.iso
    .datetime()
    .describe('When the piece passes the gate, by the clock of the camera. Later it is too late.'),
};

/** What a line is told of a piece. */
export const rejectSignal = z
  .object({
    ...common,
    defects: z.array(z.string()).describe('The names of the classes of what is wrong; empty with UNKNOWN.'),
    modelVersion: z.string().optional().describe('Which version of the model decided.'),
  })
  .meta({
    title: 'Reject signal',
    description:
      'Published to `<prefix>/<line>/rejects` with QoS 1. It may come twice, with the same id, and the line ignores one that comes after its deadline.',
  });

export type RejectSignal = z.infer<typeof rejectSignal>;

/** What is kept of a piece beside its image. */
export const inspectionRecord = z
  .object({
    ...common,
    fleet: z.string().min(1),
    defects: z.array(
      z.object({
        name: z.string().describe('Of the class, as it is configured.'),
        severity,
        label: z.string().describe("The model's own name for what it saw."),
        confidence: z.number().describe("The model's confidence in percent."),
        boundingBox: boundingBox.optional(),
      }),
    ),
    model: z.object({
      endpoint: z.string(),
      version: z.string().optional().describe('The production variant that answered; absent if none did.'),
    }),
    reason: z.string().optional().describe('Why it is UNKNOWN.'),
    signal: z
      .enum(['SENT', 'LATE', 'NONE'])
      .describe('Whether the line was told. NONE: it is not to be told of pieces that are UNKNOWN.'),
    frame: z
      .object({ bucket: z.string(), key: z.string() })
      .optional()
      .describe('The image; absent if it was gone before it could be kept.'),
  })
  .meta({ title: 'Record of an inspection', description: 'Lies beside the image, under its name and `.json`.' });

export type InspectionRecord = z.infer<typeof inspectionRecord>;

/** As it is decided, before anybody is told. */
export type Decision = Omit<InspectionRecord, 'signal' | 'frame'>;

export function signalOf({ fleet: _fleet, defects, model, reason: _reason, ...rest }: Decision): RejectSignal {
  return { ...rest, defects: defects.map(({ name }) => name), modelVersion: model.version };
}
