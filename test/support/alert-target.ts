import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { topicPublisher, type AlertPorts } from '../../lambda/common/alerts';
import { detectionEvent, type DetectionEvent } from '../../lambda/common/detection-event';
import { Encounters } from '../../lambda/common/encounters';
import { VersionedTable } from '../../lambda/common/versioned-table';
import type { LocalDynamoDB } from './dynamodb';

/** Where detectors raise alerts: a topic that keeps what is published, a table, and a clock that stands still. */
export class AlertTarget {
  static readonly TOPIC_ARN = 'arn:aws:sns:eu-west-1:111122223333:alerts';

  static async in(dynamodb: LocalDynamoDB): Promise<AlertTarget> {
    return new AlertTarget(dynamodb, await dynamodb.createTable('device', 'obstacle'));
  }

  /** In milliseconds since 1970. */
  now = Date.parse('2026-11-24T10:00:02.000Z');
  /** How the topic answers, as long as it is there. */
  failure?: Error;
  readonly ports: AlertPorts;
  readonly published: PublishCommandInput[] = [];

  private constructor(
    private readonly dynamodb: LocalDynamoDB,
    private readonly tableName: string,
  ) {
    const sns = new SNSClient({ region: 'eu-west-1' });
    mockClient(sns)
      .on(PublishCommand)
      .callsFake((message) => {
        if (this.failure) throw this.failure;
        this.published.push(message);
        return { MessageId: '567910cd-659e-55d4-8ccb-5aaf14679dc0' };
      });
    this.ports = {
      publish: topicPublisher(sns, AlertTarget.TOPIC_ARN),
      encounters: new Encounters({ table: new VersionedTable(dynamodb.client, tableName), now: () => this.now }),
      settings: { repeatAfterSeconds: 60 },
      now: () => this.now,
    };
  }

  /** The events that were published, each as a subscriber that reads JSON gets it. */
  get events(): DetectionEvent[] {
    return this.published.map(({ Message }) => detectionEvent.parse(JSON.parse(JSON.parse(Message!).default)));
  }

  /** What the table remembers. */
  remembered(): Promise<Record<string, unknown>[]> {
    return this.dynamodb.items(this.tableName);
  }
}
