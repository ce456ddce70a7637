import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { logger, metrics } from '../common/observability';
import { Problem } from '../common/problem';
import { answerSigned, methodNotAllowed, type SignedRequest } from '../common/signed-request';
import { COMMANDS, type Asset } from '../heat-monitor/alarm-model';
import { Assets, type AssetPorts } from '../heat-monitor/assets';
import { assetName } from '../heat-monitor/reading';
import type { WatchedAsset } from '../heat-monitor/settings';
import { alarmId } from '../heat-monitor/work-order';

export interface Ports extends AssetPorts {
  readonly now: () => number;
}

/** That of a work order: whoever acknowledges one that is over doesn't acknowledge the one that came since. */
const alarm = z.string().min(1).max(256).describe('The id of its work order.');

/** What somebody who maintains the assets orders. */
export const assetCommand = z
  .discriminatedUnion('command', [
    z.strictObject({
      command: z.literal('ACKNOWLEDGE').describe('Somebody looks after it.'),
      asset: assetName,
      alarm,
    }),
    z.strictObject({ command: z.literal('RESET').describe('It is mended.'), asset: assetName, alarm }),
    z.strictObject({
      command: z.literal('COMMISSION').describe('As it is now is normal: that is learned anew.'),
      asset: assetName,
      alarm: alarm.optional().describe('If there is one, which is over then.'),
    }),
  ])
  .meta({
    title: 'Command to an asset',
    description: 'The body of a POST to the URL of `HeatMonitor`, signed with credentials of IAM.',
  });

const question = z.object({ asset: assetName });

/** Takes a command, or says how an asset is. */
export async function handle(event: unknown, ports: Ports): Promise<APIGatewayProxyStructuredResultV2> {
  return answerSigned(event, (request) => respond(request, ports));
}

async function respond(request: SignedRequest, ports: Ports): Promise<object> {
  switch (request.method) {
    case 'POST':
      return take(request.body(assetCommand), request.principal, ports);
    case 'GET': {
      const asset = watchedAs(request.query(question).asset, ports);
      const found = await new Assets(ports).find(asset);
      if (found) return described(asset, found, ports);
      throw new Problem(404, 'Nothing known', `Nothing is known of '${asset.name}' yet.`);
    }
    default:
      throw methodNotAllowed(request.method);
  }
}

async function take(order: z.infer<typeof assetCommand>, by: string, ports: Ports): Promise<object> {
  const { command: kind, alarm: id } = order;
  const asset = watchedAs(order.asset, ports);
  const isMeant = (known: Asset) => idOf(asset, known, ports) === id;
  const input = { kind, by, now: ports.now() };
  const { before, after } = await new Assets(ports).apply(asset, input, isMeant);
  const wasMeant = isMeant(before);
  // A request that is sent twice is answered twice.
  if (!wasMeant && !(kind === 'RESET' && wasReset(asset, before, id, ports))) {
    throw new Problem(409, 'Another alarm', `'${id ?? 'None'}' is not the alarm of '${asset.name}' at present.`);
  }
  if (wasMeant && !COMMANDS[before.state].includes(kind)) {
    const takes = COMMANDS[before.state].join(', ');
    throw new Problem(409, 'Not now', `'${asset.name}' is in the state ${before.state}, which takes: ${takes}.`);
  }
  if (after !== before) {
    metrics.addMetric('AssetCommand', MetricUnit.Count, 1);
    logger.info('Command', { command: kind, asset: asset.name, alarm: id, by });
  }
  return described(asset, after, ports);
}

function wasReset({ name }: WatchedAsset, { lastReset }: Asset, id: string | undefined, { settings }: Ports): boolean {
  return lastReset !== undefined && alarmId(settings.fleet, name, lastReset) === id;
}

function idOf({ name }: WatchedAsset, known: Asset, { settings }: Ports): string | undefined {
  return known.alarm && alarmId(settings.fleet, name, known.alarm);
}

function watchedAs(name: string, { settings }: Ports): WatchedAsset {
  const asset = settings.assets.find((each) => each.name === name);
  if (asset) return asset;
  throw new Problem(404, 'Not found', `'${name}' is none of the assets.`);
}

/** What is told of an asset. */
function described(asset: WatchedAsset, known: Asset, ports: Ports): object {
  const moment = (milliseconds: number | undefined) =>
    milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
  const { state, since, last, alarm: raised, baseline, silentSince } = known;
  return {
    asset: asset.name,
    state,
    since: moment(since),
    silentSince: moment(silentSince),
    normalRise: baseline?.commissioned && baseline.mean,
    last: last && { capturedAt: moment(last.capturedAt), celsius: last.celsius, rise: last.rise },
    alarm: raised && {
      id: idOf(asset, known, ports),
      reason: raised.reason,
      raisedAt: moment(raised.raisedAt),
      acknowledgedAt: moment(raised.acknowledgedAt),
      acknowledgedBy: raised.acknowledgedBy,
    },
  };
}
