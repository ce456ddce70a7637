import { statusOf, wordsOf } from '../api/problem';
import type { Acknowledgement, AlertsAnswer, DetectionEvent } from '../api/types';
import { serverNow } from '../clock';
import { services } from '../services';
import { createStore } from '../store';
import type { DeviceDetections, Seen } from './detection';
import {
  acknowledge,
  addDetection,
  addEvent,
  isOpen,
  learnClass,
  withoutStale,
  type Alert,
  type AlertList,
  type Classes,
} from './merge';
import { alarm } from './sound';

export interface Alerts {
  readonly list: AlertList;
  readonly classes: Classes;
  /** What screen readers are told, anew each time. */
  readonly news?: { readonly words: string; readonly isCritical: boolean; readonly number: number };
  readonly problem?: string;
}

/** Where something was seen, and when the console was told. */
export interface Sighting {
  readonly device: string;
  readonly camera?: string;
  readonly heardAt: number;
  readonly seen: readonly Seen[];
}

const EMPTY: Alerts = { list: [], classes: new Map() };

export const alerts = createStore<Alerts>(EMPTY);
export const sighting = createStore<Sighting | undefined>(undefined);

export function forgetAlerts(): void {
  alerts.set(EMPTY);
}

/** Straight from the device: it is on the screen with the next task, so nothing may wait here. */
export function hearDetections(message: DeviceDetections): void {
  const now = serverNow();
  const before = alerts.get();
  const list = addDetection(before.list, message, before.classes, now);
  if (list === before.list) return;
  alerts.set({ ...before, list });
  // What has no place in the frame hides nothing that has.
  const seen = message.seen.filter(({ boundingBox }) => boundingBox);
  if (seen.length > 0) sighting.set({ device: message.device, camera: message.camera, heardAt: now, seen });
  const alert = list.find(({ id }) => id === message.id);
  // What goes on being seen has been told.
  if (alert?.messages.length === 1) tell(alert);
}

export function hearEvent(event: DetectionEvent): void {
  const before = alerts.get();
  const isKnown = before.list.some(({ id }) => id === event.id);
  const list = addEvent(before.list, event, serverNow());
  alerts.set({ ...before, list, classes: learnClass(before.classes, event) });
  if (isKnown) return;
  tell(list.find(({ id }) => id === event.id)!);
  if (event.source !== 'ON_DEVICE' && event.boundingBox) {
    const { device, camera, label, confidence, boundingBox } = event;
    sighting.set({ device, camera, heardAt: serverNow(), seen: [{ label, confidence, boundingBox }] });
  }
}

function tell(alert: Alert): void {
  const isCritical = alert.severity === 'CRITICAL';
  const what = alert.isConfirmed ? `${alert.severity}: ${alert.obstacle}` : `Seen, not confirmed yet: ${alert.label}`;
  const words = `${what.replace(/[_-]+/g, ' ')}, ${alert.device}`;
  alerts.set((now) => ({ ...now, news: { words, isCritical, number: (now.news?.number ?? 0) + 1 } }));
  if (isCritical) alarm();
}

/** Alerts of a device that are kept, of the last hours or of a window. */
export async function fetchAlerts(device: string, from: number, to: number, signal?: AbortSignal): Promise<AlertList> {
  const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  let found: AlertList = [];
  let nextToken: string | undefined;
  do {
    const path = `/devices/${encodeURIComponent(device)}/alerts`;
    const page: AlertsAnswer = await services.api.get(path, { ...window, limit: 100, nextToken }, signal);
    for (const event of page.alerts) found = addEvent(found, event, serverNow());
    nextToken = page.nextToken;
    let { list, classes } = alerts.get();
    for (const event of page.alerts) {
      list = addEvent(list, event, serverNow());
      classes = learnClass(classes, event);
    }
    alerts.set((now) => ({ ...now, list, classes, problem: undefined }));
  } while (nextToken !== undefined && found.length < 500);
  return found;
}

export async function refreshAlerts(device: string, hours: number, signal?: AbortSignal): Promise<void> {
  const now = serverNow();
  try {
    await fetchAlerts(device, now - hours * 3_600_000, now, signal);
  } catch (error) {
    if (signal?.aborted) return;
    const problem = statusOf(error) === 404 ? undefined : `Alerts of ${device} can’t be read: ${wordsOf(error)}`;
    alerts.set((before) => ({ ...before, problem }));
  }
}

/** @throws ApiProblem */
export async function acknowledgeAlert(alert: Alert, note: string): Promise<void> {
  const answer = await services.api.post<Acknowledgement>(
    `/devices/${encodeURIComponent(alert.device)}/acknowledgements`,
    {
      detectionId: alert.id,
      capturedAt: new Date(alert.capturedAt).toISOString(),
      ...(note.trim() === '' ? {} : { note: note.trim() }),
    },
  );
  alerts.set((now) => ({ ...now, list: acknowledge(now.list, alert.id, answer) }));
}

export function dropStale(): void {
  alerts.set((now) => {
    const list = withoutStale(now.list, serverNow());
    return list === now.list ? now : { ...now, list };
  });
}

export function openAlertsOf({ list }: Alerts, device?: string): number {
  return list.filter((alert) => isOpen(alert) && (device === undefined || alert.device === device)).length;
}
