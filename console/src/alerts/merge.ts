import type { Acknowledgement, DetectionEvent } from '../api/types';
import type { DeviceDetections, Seen } from './detection';

/** An alert, or what a device has seen and may become one. */
export interface Alert {
  /** Of the newest message of the device, or of the detection event. */
  readonly id: string;
  /** By which it stays the same on the screen. */
  readonly key: string;
  readonly device: string;
  readonly camera?: string;
  readonly isConfirmed: boolean;
  /** Of what is not confirmed, as it was before for the same label, if it was. */
  readonly severity?: DetectionEvent['severity'];
  readonly obstacle?: string;
  readonly label: string;
  readonly confidence: number;
  readonly value?: number;
  readonly capturedAt: number;
  /** When the first message was captured that it stands for. */
  readonly since: number;
  /** When the console has heard of it first. */
  readonly heardAt: number;
  /** When it was there last. */
  readonly seenAt: number;
  /** What the device has seen in the frame, for as long as it isn't confirmed. */
  readonly seen: readonly Seen[];
  /** The messages of the device that it stands for, as `<device>:<message>`. */
  readonly messages: readonly string[];
  readonly acknowledgement?: Acknowledgement;
  readonly frameUrl?: string;
}

/** Newest first. */
export type AlertList = readonly Alert[];

export type Classes = ReadonlyMap<string, Pick<DetectionEvent, 'obstacle' | 'severity'>>;

export const KEPT = 500;
const MESSAGES_KEPT = 100;

/** A device that sees the same thing frame after frame is one line, not a hundred. */
const SAME_WITHIN = 10_000;

/** What isn't confirmed by then was too faint, or of no class that is configured. */
export const UNCONFIRMED_FOR = 60_000;

export function addDetection(list: AlertList, message: DeviceDetections, classes: Classes, now: number): AlertList {
  const { id, device, camera, seen, capturedAt } = message;
  if (list.some(({ messages, id: known }) => messages.includes(id) || known.startsWith(`${id}:`))) return list;
  const best = seen.reduce((a, b) => (b.confidence > a.confidence ? b : a));
  const same = list.find(
    (alert) =>
      alert.device === device &&
      alert.camera === camera &&
      alert.label === best.label &&
      now - alert.seenAt < SAME_WITHIN,
  );
  const messages = [id, ...(same?.messages ?? [])].slice(0, MESSAGES_KEPT);
  // What goes on being there has been alerted, and is nothing new.
  if (same?.isConfirmed) return list.map((other) => (other === same ? { ...same, seenAt: now, messages } : other));
  const alert: Alert = {
    ...classes.get(best.label),
    id,
    key: id,
    device,
    camera,
    isConfirmed: false,
    label: best.label,
    confidence: best.confidence,
    value: best.value,
    capturedAt,
    since: Math.min(capturedAt, same?.since ?? capturedAt),
    heardAt: now,
    seenAt: now,
    seen,
    messages,
  };
  return ordered([alert, ...list.filter((other) => other !== same)]);
}

/** An event that comes twice, or late, changes nothing but what it knows more. */
export function addEvent(
  list: AlertList,
  event: DetectionEvent & { acknowledgement?: Acknowledgement },
  now: number,
): AlertList {
  const known = list.find(({ id, isConfirmed }) => isConfirmed && id === event.id);
  const capturedAt = Date.parse(event.capturedAt);
  const pending = list.filter((alert) => !alert.isConfirmed && (comesFrom(event, alert) || isOf(event, alert)));
  const first = known ?? pending.find((alert) => comesFrom(event, alert)) ?? pending[0];
  const parts = first ? [first, ...pending.filter((other) => other !== first)] : [];
  const alert: Alert = {
    id: event.id,
    key: first?.key ?? event.id,
    device: event.device,
    camera: event.camera,
    isConfirmed: true,
    severity: event.severity,
    obstacle: event.obstacle,
    label: event.label,
    confidence: event.confidence,
    value: event.value,
    capturedAt,
    since: first?.since ?? capturedAt,
    heardAt: first?.heardAt ?? now,
    seenAt: first ? Math.max(...parts.map(({ seenAt }) => seenAt)) : Math.min(capturedAt, now),
    seen: first?.seen ?? [{ label: event.label, confidence: event.confidence, boundingBox: event.boundingBox }],
    messages: parts.flatMap(({ messages }) => messages).slice(0, MESSAGES_KEPT),
    acknowledgement: event.acknowledgement ?? first?.acknowledgement,
    frameUrl: event.frame?.url ?? first?.frameUrl,
  };
  return ordered([alert, ...list.filter((other) => !parts.includes(other))]);
}

/** Whether the event is of what the device goes on seeing, by a message that the console has missed. */
function isOf({ device, camera, label, capturedAt }: DetectionEvent, alert: Alert): boolean {
  const at = Date.parse(capturedAt);
  const isNear = at > alert.since - SAME_WITHIN && at < alert.capturedAt + SAME_WITHIN;
  return isNear && alert.device === device && alert.camera === camera && alert.label === label;
}

/** The event's id is that of the device's message and the class of obstacle: `<device>:<message>:<class>`. */
function comesFrom(event: Pick<DetectionEvent, 'id' | 'source'>, alert: Alert): boolean {
  return event.source === 'ON_DEVICE' && alert.messages.some((message) => event.id.startsWith(`${message}:`));
}

export function acknowledge(list: AlertList, id: string, acknowledgement: Acknowledgement): AlertList {
  return list.map((alert) => (alert.id === id ? { ...alert, acknowledgement } : alert));
}

/** Without what was seen long ago and never confirmed. The same list if there is none. */
export function withoutStale(list: AlertList, now: number): AlertList {
  const kept = list.filter(({ isConfirmed, heardAt }) => isConfirmed || now - heardAt < UNCONFIRMED_FOR);
  return kept.length === list.length ? list : kept;
}

export function isOpen(alert: Alert): boolean {
  return alert.isConfirmed && alert.acknowledgement === undefined;
}

export function learnClass(classes: Classes, { label, obstacle, severity }: DetectionEvent): Classes {
  const known = classes.get(label);
  if (known?.obstacle === obstacle && known.severity === severity) return classes;
  return new Map(classes).set(label, { obstacle, severity });
}

function ordered(list: Alert[]): AlertList {
  return list.sort((a, b) => b.capturedAt - a.capturedAt || b.heardAt - a.heardAt).slice(0, KEPT);
}
