import type { Fragment, Interval } from '../common/fragments';
import { incidentManifest, type IncidentManifest } from '../common/incident';
import { GAP_TOLERANCE, endOf } from '../common/parts';
import type { Incident } from './incident';
import type { PartMaker } from './part-maker';
import type { Plan } from './plan';

/** What was made of an incident. */
export function manifestOf(
  { key, camera, stream, window, trigger, reason, requestedBy }: Incident,
  { plannedAt, gaps, detections }: Plan,
  { stored, expired }: Pick<PartMaker, 'stored' | 'expired'>,
  now: number,
): IncidentManifest {
  const missing = [
    ...gaps.map((gap) => ({ ...gap, reason: 'NOT_RECORDED' as const })),
    ...joined(expired).map((gap) => ({ ...gap, reason: 'EXPIRED' as const })),
  ];
  // Parsed, so that nothing is written that the schema doesn't describe.
  return incidentManifest.parse({
    schemaVersion: '1.0',
    incident: { ...key, camera, trigger, reason, requestedBy, from: text(window.from), to: text(window.to) },
    stream,
    parts: stored
      .map(({ format, fragments, object }) => ({
        key: object.key,
        format,
        from: text(Math.min(...fragments.map(({ producedAt }) => producedAt))),
        to: text(Math.max(...fragments.map(endOf))),
        receivedFrom: text(Math.min(...fragments.map(({ receivedAt }) => receivedAt))),
        receivedTo: text(Math.max(...fragments.map(({ receivedAt }) => receivedAt))),
        bytes: object.bytes,
        sha256: object.sha256,
        fragments,
      }))
      .sort((one, other) => one.from.localeCompare(other.from)),
    gaps: missing
      .sort((one, other) => one.from - other.from)
      .map(({ from, to, reason: why }) => ({ from: text(from), to: text(to), reason: why })),
    detections,
    plannedAt: text(plannedAt),
    storedAt: text(now),
  });
}

/** The times of fragments, as one where they follow each other. */
function joined(fragments: readonly Fragment[]): Interval[] {
  const all: { from: number; to: number }[] = [];
  for (const fragment of [...fragments].sort((one, other) => one.producedAt - other.producedAt)) {
    const last = all.at(-1);
    if (last && fragment.producedAt - last.to <= GAP_TOLERANCE) last.to = Math.max(last.to, endOf(fragment));
    else all.push({ from: fragment.producedAt, to: endOf(fragment) });
  }
  return all;
}

function text(time: number): string {
  return new Date(time).toISOString();
}
