import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { publishAlert, type AlertPorts } from '../common/alerts';
import type { DetectionEvent } from '../common/detection-event';
import { logger, metrics } from '../common/observability';
import type { ObstacleClass } from '../common/obstacles';
import { VersionedTable } from '../common/versioned-table';
import { addAll, decide, withoutOld, type Concern, type Incident } from './incidents';
import type { Verdict } from './rule';
import type { WatchSettings } from './settings';
import type { Sighting } from './sightings';

export interface WatchPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly alerts: Pick<AlertPorts, 'publish' | 'settings' | 'now'>;
  readonly fleet: string;
  readonly settings: WatchSettings;
}

interface Content {
  readonly incidents: Incident[];
}

const DAY = 86_400;

/** What was seen, and what somebody is told of it. All of it may be done again, and is then as it was. */
export class Watch {
  private readonly table: VersionedTable<Content>;

  constructor(private readonly ports: WatchPorts) {
    this.table = new VersionedTable(ports.dynamodb, ports.settings.tableName);
  }

  /** Whether it is new. What was recorded first stays. */
  async record(device: string, sighting: Sighting, verdict: Verdict, snapshot?: string): Promise<boolean> {
    const { dynamodb, settings, alerts } = this.ports;
    const { jpeg: _, id, ...seen } = sighting;
    const capturedAt = new Date(sighting.capturedAt).toISOString();
    const said = verdict.concern ? { class: verdict.class.name, area: verdict.area } : { reason: verdict.reason };
    const receivedAt = new Date(alerts.now()).toISOString();
    const expiresAt = Math.ceil(alerts.now() / 1000) + settings.recordDays * DAY;
    const Item = { device, id: `sighting#${id}`, ...seen, capturedAt, ...said, snapshot, receivedAt, expiresAt };
    try {
      await dynamodb.send(
        new PutCommand({ TableName: settings.tableName, Item, ConditionExpression: 'attribute_not_exists(id)' }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** The key of the picture, which is written under the same name each time. */
  async keep(device: string, id: string, jpeg: Buffer): Promise<string> {
    const Key = `snapshots/${device}/${id}.jpg`;
    const { s3, settings } = this.ports;
    await s3.send(
      new PutObjectCommand({ Bucket: settings.snapshotBucket, Key, Body: jpeg, ContentType: 'image/jpeg' }),
    );
    return Key;
  }

  /** @throws Error when it has to be tried again later: others write all the time, or telling failed */
  async tell(device: string, found: ObstacleClass, concerns: readonly Concern[]): Promise<void> {
    const { gapSeconds, recordOnlyAfterSeconds } = this.ports.settings;
    const [gap, recordOnlyAfter] = [1000 * gapSeconds, 1000 * recordOnlyAfterSeconds];
    const key = { device, id: `incidents#${found.name}` };
    await this.change(key, (before, now) => {
      // What is older than anything that could still be told of is left out, before it is counted and after.
      const oldest = now - recordOnlyAfter - gap;
      const news = concerns.filter(({ capturedAt }) => capturedAt >= oldest);
      return decide(withoutOld(addAll(before, news, gap), oldest), recordOnlyAfter, now);
    });
    const { content } = await this.table.read(key);
    for (const incident of content?.incidents ?? []) {
      if (incident.isTold || incident.alertId === undefined) continue;
      await this.publish(device, found, incident);
      // Afterwards, so that it is told twice rather than not at all.
      await this.change(key, (before) =>
        before.map((each) => (each.alertId === incident.alertId ? { ...each, isTold: true } : each)),
      );
    }
  }

  private async change(
    key: { device: string; id: string },
    to: (before: Incident[], now: number) => Incident[],
  ): Promise<void> {
    const { settings, alerts } = this.ports;
    const now = alerts.now();
    const until = now + 1000 * (settings.recordOnlyAfterSeconds + settings.gapSeconds + DAY);
    await this.table.change(key, (content) => ({ incidents: to(content?.incidents ?? [], now) }), until);
  }

  private async publish(device: string, found: ObstacleClass, incident: Incident): Promise<void> {
    const { alerts, fleet, settings } = this.ports;
    const { latest, firstAt, ids, alertId } = incident;
    const { id: _, capturedAt, snapshot, ...seen } = latest;
    const age = alerts.now() - capturedAt;
    const isLate = age > 1000 * settings.lateAfterSeconds;
    const event: DetectionEvent = {
      schemaVersion: '1.2',
      id: `${device}:${alertId}:${found.name}`,
      fleet,
      device,
      source: 'ON_DEVICE',
      obstacle: found.name,
      severity: found.severity,
      ...seen,
      incident: { id: alertId!, sightings: ids.length, firstAt: new Date(firstAt).toISOString() },
      ageSeconds: isLate ? Math.round(age / 1000) : undefined,
      capturedAt: new Date(capturedAt).toISOString(),
      detectedAt: new Date(alerts.now()).toISOString(),
      frame: snapshot === undefined ? undefined : await this.link(snapshot),
    };
    await publishAlert(event, alerts);
    if (isLate) metrics.addMetric('AlertLate', MetricUnit.Count, 1);
    logger.info('Incident told of', { device, incident: event.incident, ageSeconds: event.ageSeconds });
  }

  private async link(key: string): Promise<DetectionEvent['frame']> {
    const { s3, settings, alerts } = this.ports;
    const { snapshotBucket: bucket, linkSeconds } = settings;
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), {
      expiresIn: linkSeconds,
      signingDate: new Date(alerts.now()),
    });
    return { bucket, key, url, urlExpiresAt: new Date(alerts.now() + 1000 * linkSeconds).toISOString() };
  }
}
