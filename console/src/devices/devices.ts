import { ApiProblem, wordsOf } from '../api/problem';
import type { DeviceAnswer, DevicesAnswer } from '../api/types';
import { serverNow } from '../clock';
import { services } from '../services';
import { createStore } from '../store';
import { latestOf } from './health';

export interface Device {
  readonly name: string;
  /** Nothing until the API was asked for this device. */
  readonly streams?: DeviceAnswer['streams'];
  readonly control?: DeviceAnswer['control'];
  readonly lastReceivedAt?: number;
  readonly checkedAt?: number;
}

export interface Devices {
  readonly byName: ReadonlyMap<string, Device>;
  readonly nextToken?: string;
  readonly isLoading: boolean;
  readonly isLoaded: boolean;
  readonly problem?: string;
}

const EMPTY: Devices = { byName: new Map(), isLoading: false, isLoaded: false };

export const devices = createStore<Devices>(EMPTY);

export function forgetDevices(): void {
  devices.set(EMPTY);
}

/** The list's next page; the first one if there is none yet. */
export async function loadDevices(): Promise<void> {
  const { isLoading, nextToken, isLoaded } = devices.get();
  if (isLoading || (isLoaded && nextToken === undefined)) return;
  devices.set((now) => ({ ...now, isLoading: true, problem: undefined }));
  try {
    const page = await nonEmptyPage(nextToken);
    devices.set((now) => {
      const byName = new Map(now.byName);
      for (const { device } of page.devices) if (!byName.has(device)) byName.set(device, { name: device });
      return { byName, nextToken: page.nextToken, isLoading: false, isLoaded: true };
    });
  } catch (error) {
    devices.set((now) => ({ ...now, isLoading: false, problem: wordsOf(error) }));
  }
}

/** A page may be empty with more to come, which would look as if nothing happened. */
async function nonEmptyPage(nextToken: string | undefined): Promise<DevicesAnswer> {
  let page: DevicesAnswer = { devices: [], nextToken };
  for (let tries = 0; tries < 8; tries++) {
    page = await services.api.get<DevicesAnswer>('/devices', { limit: 25, nextToken: page.nextToken });
    if (page.devices.length > 0 || page.nextToken === undefined) break;
  }
  return page;
}

/** Asks how a device is, and puts it into the list if it wasn't there. */
export async function checkDevice(name: string, signal?: AbortSignal): Promise<void> {
  const answer = await services.api.get<DeviceAnswer>(`/devices/${encodeURIComponent(name)}`, {}, signal);
  devices.set((now) => {
    const before = now.byName.get(name);
    const device: Device = {
      name,
      streams: answer.streams,
      control: answer.control,
      lastReceivedAt: latestOf(answer.streams, before?.lastReceivedAt),
      checkedAt: serverNow(),
    };
    return { ...now, byName: new Map(now.byName).set(name, device) };
  });
}

/**
 * Looks for a device that need not be listed yet.
 * @returns why it can't be opened, or nothing
 */
export async function findDevice(name: string): Promise<string | undefined> {
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) return 'Names have letters, digits, - and _ only.';
  if (devices.get().byName.has(name)) return undefined;
  try {
    await checkDevice(name);
    return undefined;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return `There is no ${name}, or it is not for you to see.`;
    return wordsOf(error);
  }
}
