import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { metrics } from '../common/observability';
import { VersionedTable } from '../common/versioned-table';
import type { Hearing } from './corroboration';
import { Incidents, type IncidentPorts } from './incidents';
import { decide, hear, REMEMBERED, SILENCE, type Scene } from './scene';
import { ruleOf } from './settings';

/** The id of the item that has what was heard last; those of incidents have a colon. */
const SCENE = { id: 'scene' };

/** Takes in what sensors have heard, and opens an incident when several have heard the same. */
export class Detector {
  readonly incidents: Incidents;
  private readonly table: VersionedTable<Scene>;

  constructor(private readonly ports: IncidentPorts) {
    this.incidents = new Incidents(ports);
    this.table = new VersionedTable(ports.dynamodb, ports.settings.tableName);
  }

  async hear(hearing: Hearing): Promise<void> {
    const { settings, sqs, queueUrl, now } = this.ports;
    const rule = ruleOf(settings);
    const { before, after } = await this.change((scene) => hear(scene, hearing, rule, now()));
    if (after === before) {
      const isKnown = before.hearings.some(({ id }) => id === hearing.id);
      metrics.addMetric(isKnown ? 'HearingRepeated' : 'HearingDropped', MetricUnit.Count, 1);
    }
    // For each, and for one that comes again, too: whoever fails here has said nothing yet.
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ kind: 'DECIDE' }),
        DelaySeconds: settings.settleSeconds + 1,
      }),
    );
  }

  async decide(): Promise<void> {
    const { settings, now } = this.ports;
    const { after } = await this.change((scene) => decide(scene, ruleOf(settings), now()));
    for (const shot of after.shots) await this.incidents.open(shot);
  }

  private async change(change: (scene: Scene) => Scene): Promise<{ before: Scene; after: Scene }> {
    const until = this.ports.now() + 2 * REMEMBERED;
    const { before = SILENCE, after = SILENCE } = await this.table.change(
      SCENE,
      (known) => change(known ?? SILENCE),
      until,
    );
    return { before, after };
  }
}
