import { createHash } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { alertMessage } from '../common/alerts';
import { logger, metrics } from '../common/observability';
import { VersionedTable } from '../common/versioned-table';
import { camerasNear } from './cameras';
import type { Shot } from './corroboration';
import { described, dueAt, opened, type Incident } from './incident';
import type { ShotSettings } from './settings';

export interface IncidentPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly queueUrl: string;
  readonly settings: ShotSettings;
  readonly now: () => number;
}

const DAY = 86_400_000;

/** What becomes of shots: each effect is noted once it is there, so that it comes twice rather than not at all. */
export class Incidents {
  private readonly table: VersionedTable<Incident>;

  constructor(private readonly ports: IncidentPorts) {
    this.table = new VersionedTable(ports.dynamodb, ports.settings.tableName);
  }

  /** Opens the incident of a shot, unless it is open; what is known better since is noted. */
  async open(shot: Shot): Promise<void> {
    const { settings, dynamodb, now } = this.ports;
    const { content } = await this.table.read({ id: shot.id });
    if (content && content.shot.hearings.length >= shot.hearings.length) return this.advance(shot.id);
    const tableName = settings.cameraTableName;
    const cameras = await camerasNear(shot.position, settings.cameras, { dynamodb, tableName });
    let isNew = false;
    await this.change(shot.id, (known) => {
      isNew = known === undefined;
      return known ? { ...known, shot } : opened(shot, cameras, settings, now());
    });
    if (isNew) {
      metrics.addMetric('ShotIncident', MetricUnit.Count, 1);
      metrics.addMetric('ShotLatency', MetricUnit.Milliseconds, Math.max(0, now() - shot.occurredAt));
    }
    return this.advance(shot.id);
  }

  /** Does what there is to do for an incident. */
  async advance(id: string): Promise<void> {
    const { settings, now } = this.ports;
    const incident = await this.change(id, (known) => known && dueAt(known, settings, now()));
    if (!incident) return;
    if (incident.status === 'APPROVED' && incident.dispatchedAt === undefined) await this.dispatch(id, incident);
    if (incident.status === 'PENDING' && incident.deadlineSetAt === undefined) await this.setDeadline(id);
    if (incident.alertedAt === undefined) await this.alert(id, incident);
    if (incident.clipsRequestedAt === undefined && settings.clipQueueUrl) await this.requestClips(id, incident);
  }

  private async dispatch(id: string, incident: Incident): Promise<void> {
    const content = described(incident, this.ports.settings);
    await this.send(this.ports.settings.webhookQueueUrl, { id, content });
    await this.note(id, 'dispatchedAt');
    metrics.addMetric('ShotDispatched', MetricUnit.Count, 1);
    logger.info('Shot dispatched', { incident: content });
  }

  private async setDeadline(id: string): Promise<void> {
    const { settings, queueUrl } = this.ports;
    await this.send(queueUrl, { kind: 'INCIDENT', id }, settings.confirmation?.withinSeconds);
    await this.note(id, 'deadlineSetAt');
  }

  private async alert(id: string, { shot, openedAt }: Incident): Promise<void> {
    const { sns, settings } = this.ports;
    const [{ sensor: device }] = shot.hearings;
    const { subject, forms, attributes } = alertMessage({
      schemaVersion: '1.1',
      id,
      fleet: settings.fleet,
      device,
      source: 'ON_DEVICE',
      obstacle: 'gunshot',
      severity: 'CRITICAL',
      label: 'gunshot',
      confidence: Math.max(...shot.hearings.map(({ confidence }) => confidence)),
      count: shot.hearings.length,
      capturedAt: new Date(shot.occurredAt).toISOString(),
      detectedAt: new Date(openedAt).toISOString(),
    });
    await sns.send(
      new PublishCommand({
        TopicArn: settings.topicArn,
        Subject: subject,
        MessageStructure: 'json',
        Message: JSON.stringify(forms),
        // A shot is never told of more quietly.
        MessageAttributes: { ...attributes, quiet: { DataType: 'String', StringValue: 'false' } },
      }),
    );
    await this.note(id, 'alertedAt');
  }

  private async requestClips(id: string, { shot, cameras }: Incident): Promise<void> {
    const { clipQueueUrl, cameras: span } = this.ports.settings;
    for (const { stream } of cameras) {
      const [device, camera] = stream.split('.');
      await this.send(clipQueueUrl!, {
        schemaVersion: '1.0',
        kind: 'CLIP_REQUEST',
        device,
        camera,
        id,
        at: new Date(shot.occurredAt).toISOString(),
        beforeSeconds: span.beforeSeconds,
        afterSeconds: span.afterSeconds,
        reason: `Shot ${createHash('sha256').update(id).digest('hex').slice(0, 8)}`,
      });
    }
    await this.note(id, 'clipsRequestedAt');
  }

  private async send(QueueUrl: string, body: object, DelaySeconds?: number): Promise<void> {
    await this.ports.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body), DelaySeconds }));
  }

  private async note(id: string, what: 'dispatchedAt' | 'deadlineSetAt' | 'alertedAt' | 'clipsRequestedAt') {
    await this.change(id, (known) => known && { ...known, [what]: known[what] ?? this.ports.now() });
  }

  private async change(id: string, change: (known: Incident | undefined) => Incident | undefined) {
    const { settings, now } = this.ports;
    return (await this.table.change({ id }, change, now() + settings.retentionDays * DAY)).after;
  }
}
