import { ApiProblem, statusOf, wordsOf } from '../api/problem';
import type { ControlAnswer } from '../api/types';
import { sleep } from '../back-off';
import { serverNow } from '../clock';
import { checkDevice } from '../devices/devices';
import { services } from '../services';
import { createStore } from '../store';

export interface Control {
  readonly state: 'free' | 'taking' | 'held' | 'releasing' | 'lost';
  readonly device?: string;
  readonly token?: number;
  /** When the lease ends unless a heartbeat comes through. */
  readonly until?: number;
  /** Why control was refused or lost. */
  readonly words?: string;
  /** Somebody else is in control, who may be made to give way. */
  readonly isHeldByOther?: boolean;
}

const FREE: Control = { state: 'free' };
const HEARTBEAT = 5;

export const control = createStore<Control>(FREE);

let beating = new AbortController();

function ask(device: string, body: object, keepalive = false): Promise<ControlAnswer> {
  return services.api.post<ControlAnswer>(`/devices/${encodeURIComponent(device)}/control`, body, { keepalive });
}

/** @param how `force` takes it from whoever has it */
export async function takeControl(device: string, how: 'take' | 'force' = 'take'): Promise<void> {
  const { state, device: held } = control.get();
  if (state === 'taking' || state === 'releasing' || (state === 'held' && held === device)) return;
  if (state === 'held') await releaseControl();
  const taking: Control = { state: 'taking', device };
  control.set(taking);
  try {
    const answer = await ask(device, { action: how });
    // It was given back before it was there.
    if (control.get() !== taking) return await giveBack(device, answer.token);
    hold(device, answer);
    beating = new AbortController();
    void beat(device, answer.heartbeatSeconds ?? HEARTBEAT, beating.signal);
  } catch (error) {
    if (control.get() !== taking) return;
    const isHeldByOther = error instanceof ApiProblem && error.members.code === 'LEASE_HELD';
    const words = isHeldByOther ? `Another pilot is in control of ${device}.` : wordsOf(error);
    control.set({ state: 'free', device, words, isHeldByOther });
  }
  refresh(device);
}

export async function releaseControl(): Promise<void> {
  const { state, device, token } = control.get();
  if (state === 'taking') control.set(FREE);
  if (state !== 'held') return;
  beating.abort();
  control.set({ state: 'releasing', device, token });
  try {
    await ask(device!, { action: 'release', token });
    control.set(FREE);
  } catch (error) {
    const words = `${device} was not told that control is given back (${wordsOf(error)}) It ends by itself.`;
    control.set(statusOf(error) === 409 ? FREE : { state: 'free', device, words });
  }
  refresh(device!);
}

async function giveBack(device: string, token: number | undefined): Promise<void> {
  await ask(device, { action: 'release', token }, true);
  refresh(device);
}

/** When the page goes, or the person: there is no time to wait for an answer. */
export function leaveControl(): void {
  const { state, device, token } = control.get();
  beating.abort();
  control.set(FREE);
  if (state === 'held') void ask(device!, { action: 'release', token }, true).catch(() => undefined);
}

export function dismissControl(): void {
  control.set((now) => (now.state === 'free' || now.state === 'lost' ? FREE : now));
}

async function beat(device: string, seconds: number, signal: AbortSignal): Promise<void> {
  let wait = 1000 * seconds;
  for (;;) {
    await sleep(wait, signal);
    if (signal.aborted) return;
    const { token, until } = control.get();
    if (until !== undefined && serverNow() >= until) return lose(device, 'No heartbeat came through in time.');
    try {
      const answer = await ask(device, { action: 'heartbeat', token });
      if (signal.aborted) return;
      hold(device, answer);
      wait = 1000 * (answer.heartbeatSeconds ?? seconds);
    } catch (error) {
      if (signal.aborted) return;
      if (isOver(error)) return lose(device, reasonOf(error));
      // There may be time for another before the lease ends.
      wait = 1000;
    }
  }
}

function isOver(error: unknown): boolean {
  return [401, 403, 404, 409].includes(statusOf(error) ?? -1);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ApiProblem)) return wordsOf(error);
  if (error.members.by !== undefined || error.members.code === 'NOT_HOLDER') return 'Another pilot took control.';
  return error.members.code === 'LEASE_LOST' ? 'It was not kept in time, or another pilot took it.' : error.message;
}

function lose(device: string, why: string): void {
  beating.abort();
  control.set({ state: 'lost', device, words: `You have lost control of ${device}. ${why}` });
  refresh(device);
}

/** A command was refused because control is somebody else's. */
export function learnLoss(device: string, error: unknown): void {
  if (statusOf(error) === 409 && control.get().state === 'held') lose(device, reasonOf(error));
}

function hold(device: string, { token, until }: ControlAnswer): void {
  const ends = until === undefined ? undefined : Date.parse(until);
  control.set((now) => ({ state: 'held', device, token: token ?? now.token, until: ends }));
}

function refresh(device: string): void {
  void checkDevice(device).catch(() => undefined);
}

addEventListener('pagehide', leaveControl);
