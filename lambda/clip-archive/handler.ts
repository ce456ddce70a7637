import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { incidentFolder, incidentManifest, manifestKey, type IncidentManifest } from '../common/incident';
import { IncidentIndex, holdIncident, type IndexPorts } from '../common/incident-index';
import { MediaStore, type StorePorts } from '../common/media-store';
import { logger, metrics } from '../common/observability';
import { ComeAgain } from '../common/queue-worker';
import { incidentOf, type ClipSettings, type Incident } from './incident';
import { manifestOf } from './manifest';
import { PartMaker } from './part-maker';
import { makePlan, plan, type Plan, type PlanPorts } from './plan';

export interface Ports extends StorePorts, PlanPorts, Omit<IndexPorts, 'expireDays'> {
  readonly settings: ClipSettings;
  /** Milliseconds until the function is ended. */
  readonly remaining: () => number;
}

/**
 * Stores what a stream has of an incident.
 *
 * The plan is written first, and whoever comes later follows it, so that a message that comes twice, or again after a
 * crash, ends in the same objects. The manifest is written last: an incident that has one is done.
 *
 * @throws UnusableMessage when nothing will ever come of it, and ComeAgain when it is too early
 */
export async function handle(body: string, ports: Ports): Promise<void> {
  const incident = incidentOf(body, ports.settings, ports.now());
  const { key, legalHold } = incident;
  comeLater(incident, ports.settings.settleSeconds, ports, 'The media is yet to come.');
  const store = new MediaStore(ports);
  const index = new IncidentIndex({ ...ports, expireDays: ports.settings.expireDays });

  const keys = await store.list(incidentFolder(key));
  const isStored = keys.has(manifestKey(key));
  const manifest = isStored ? await readManifest(incident, store) : await make(incident, keys, store, ports);
  await index.note(manifest, legalHold);
  // What is new was under the hold from its first moment on; what a message without it has stored before, or beside, was not.
  if (legalHold) await holdIncident(key, true, store, index);
  const { parts, gaps } = manifest;
  const what = { ...key, trigger: incident.trigger, parts: parts.length, gaps: gaps.length };
  logger.info(isStored ? 'The incident is stored already' : 'Incident stored', what);
}

/** @throws ComeAgain until so many seconds after the window are over */
function comeLater({ window }: Incident, seconds: number, { now }: Ports, reason: string): void {
  const wait = window.to + 1000 * seconds - now();
  if (wait > 0) throw new ComeAgain(wait / 1000, reason);
}

async function make(
  incident: Incident,
  keys: ReadonlySet<string>,
  store: MediaStore,
  ports: Ports,
): Promise<IncidentManifest> {
  const { key, stream, legalHold } = incident;
  const folder = incidentFolder(key);
  const toDo = await planOnce(incident, keys, store, ports);
  const maker = new PartMaker({ ...ports, store, stream, folder, legalHold, keys });
  for (const part of toDo.parts) await maker.make(part);

  const manifest = manifestOf(incident, toDo, maker, ports.now());
  await store.put({ key: manifestKey(key), contentType: 'application/json', body: render(manifest), legalHold });
  count(incident, manifest, ports.now());
  return manifest;
}

/** The plan of whoever was the first to make one. */
async function planOnce(incident: Incident, keys: ReadonlySet<string>, store: MediaStore, ports: Ports): Promise<Plan> {
  const key = `${incidentFolder(incident.key)}plan.json`;
  if (!keys.has(key)) {
    const made = await makePlan(incident, ports);
    if (made.gaps.length > 0) {
      comeLater(incident, ports.settings.patienceSeconds, ports, 'There are gaps, and media may come late.');
    }
    const body = render(plan.parse(made));
    await store.put({ key, contentType: 'application/json', body, legalHold: incident.legalHold });
  }
  return plan.parse(JSON.parse(await store.read(key)));
}

async function readManifest({ key }: Incident, store: MediaStore): Promise<IncidentManifest> {
  return incidentManifest.parse(JSON.parse(await store.read(manifestKey(key))));
}

function render(content: object): string {
  return JSON.stringify(content, undefined, 2);
}

function count({ window }: Incident, { parts, gaps }: IncidentManifest, now: number): void {
  const missing = gaps.reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  metrics.addMetric('ClipStored', MetricUnit.Count, 1);
  metrics.addMetric('ClipEmpty', MetricUnit.Count, parts.length === 0 ? 1 : 0);
  metrics.addMetric('ClipExpired', MetricUnit.Count, gaps.some(({ reason }) => reason === 'EXPIRED') ? 1 : 0);
  metrics.addMetric('ClipGap', MetricUnit.Milliseconds, missing);
  metrics.addMetric('ClipLatency', MetricUnit.Milliseconds, now - window.to);
}
