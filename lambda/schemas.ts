import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { holdRequest } from './clip-archive-hold/handler';
import { detectionEvent } from './common/detection-event';
import { commandAcknowledgement, deviceCommand } from './common/device-command';
import { deviceMessage } from './common/device-message';
import { clipRequest, incidentManifest } from './common/incident';
import { motionMessage } from './common/motion-message';
import { deviceSightings } from './field-watch/sightings';
import { deviceHeat } from './heat-monitor/reading';
import { maintenanceWorkOrder } from './heat-monitor/work-order';
import { assetCommand } from './heat-monitor-command/handler';
import { deviceCounts } from './queue-monitor/counts';
import { staffingSignal } from './queue-monitor/signal';
import { shotDecision } from './shot-decision/handler';
import { deviceShot, shotIncident } from './shot-detector/message';
import { producerReport } from './producer-telemetry/producer-report';
import { inspectionRecord, rejectSignal } from './quality-inspector/record';
import { frameAnalysis, frameAnalysisRequest } from './image-detector/frame-analysis';
import { movementRequest } from './image-detector/analysers/movement-request';
import { authorization, authorizationRequest } from './common/access/authorizer';
import { erasureCertificate } from './media-erasure/certificate';
import { erasureRequest } from './media-erasure/request';
import { viewingApiDocument } from './viewing-api/openapi';

/** What others write or read, as JSON Schemas in `schemas/`, made of what the handlers themselves check. */
export const SCHEMAS = {
  'asset-command.v1.json': assetCommand,
  'clip-hold-request.v1.json': holdRequest,
  'clip-request.v1.json': clipRequest,
  'detection-event.v1.json': detectionEvent,
  'device-command-ack.v1.json': commandAcknowledgement,
  'device-command.v1.json': deviceCommand,
  'device-counts.v1.json': deviceCounts,
  'device-detections.v1.json': deviceMessage,
  'device-heat.v1.json': deviceHeat,
  'device-motion.v1.json': motionMessage,
  'device-shot.v1.json': deviceShot,
  'device-sightings.v1.json': deviceSightings,
  'erasure-certificate.v1.json': erasureCertificate,
  'erasure-request.v1.json': erasureRequest,
  'frame-analysis-request.v1.json': frameAnalysisRequest,
  'frame-analysis.v1.json': frameAnalysis,
  'incident-manifest.v1.json': incidentManifest,
  'inspection-record.v1.json': inspectionRecord,
  'maintenance-work-order.v1.json': maintenanceWorkOrder,
  'movement-request.v1.json': movementRequest,
  'producer-telemetry.v1.json': producerReport,
  'reject-signal.v1.json': rejectSignal,
  'shot-decision.v1.json': shotDecision,
  'shot-incident.v1.json': shotIncident,
  'staffing-signal.v1.json': staffingSignal,
  'viewing-authorization-request.v1.json': authorizationRequest,
  'viewing-authorization.v1.json': authorization,
} as const;

export function render(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, {
    // Of what is written, not of what is left of it: fields that aren't known are accepted.
    io: 'input',
    override: ({ jsonSchema }) => {
      // The format says it in a word.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** What others call, as OpenAPI documents. */
export const APIS = { 'viewing-api.v1.json': viewingApiDocument } as const;

/** The content of each file of `schemas/`. */
export function published(): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries(SCHEMAS).map(([file, schema]) => [file, render(schema)]),
    ...Object.entries(APIS).map(([file, document]) => [file, `${JSON.stringify(document(), null, 2)}\n`]),
  ]);
}

if (require.main === module) {
  for (const [file, content] of Object.entries(published())) {
    writeFileSync(join(__dirname, '..', 'schemas', file), content);
  }
}
