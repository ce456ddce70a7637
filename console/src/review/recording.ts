import { fetchAlerts } from '../alerts/alerts';
import type { Alert } from '../alerts/merge';
import { statusOf, wordsOf } from '../api/problem';
import type { FragmentsAnswer, PlaybackAnswer } from '../api/types';
import { services } from '../services';
import { partsOf } from './time';
import type { Span } from './window';

const PAGES = 30;

export function pathOf(device: string, rest: string): string {
  return `/devices/${encodeURIComponent(device)}/${rest}`;
}

export function isoOf({ from, to }: Span): { from: string; to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** @throws ApiProblem */
export function openPlayback(
  device: string,
  camera: string | undefined,
  window: Span,
  signal: AbortSignal,
): Promise<PlaybackAnswer> {
  const body = { mode: 'ON_DEMAND', ...isoOf(window), ...(camera === undefined ? {} : { camera }) };
  return services.api.post<PlaybackAnswer>(pathOf(device, 'hls'), body, { signal });
}

/**
 * Which parts of the window are recorded, told anew with each page.
 * @returns why not all of it is known, or nothing
 */
export async function readParts(
  device: string,
  camera: string | undefined,
  window: Span,
  onParts: (parts: Span[]) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const found: FragmentsAnswer['fragments'] = [];
  let nextToken: string | undefined;
  try {
    for (let page = 0; page < PAGES; page++) {
      const query = { ...isoOf(window), camera, limit: 1000, nextToken };
      const answer = await services.api.get<FragmentsAnswer>(pathOf(device, 'fragments'), query, signal);
      if (signal.aborted) return undefined;
      found.push(...answer.fragments);
      onParts(partsOf(found));
      nextToken = answer.nextToken;
      if (nextToken === undefined) return undefined;
    }
    return 'Only a part of the timeline could be read.';
  } catch (error) {
    if (signal.aborted || statusOf(error) === 404) return undefined;
    return `The timeline can’t be read: ${wordsOf(error)}`;
  }
}

/** Oldest first; none where they can't be read, for the video is worth seeing without. */
export async function readAlerts(device: string, window: Span, signal: AbortSignal): Promise<Alert[]> {
  if (!services.config.alerts) return [];
  try {
    return [...(await fetchAlerts(device, window.from, window.to, signal))].reverse();
  } catch {
    return [];
  }
}
