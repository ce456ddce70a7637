import { wordsOf } from '../api/problem';
import type { CommandAnswer } from '../api/types';
import { sleep } from '../back-off';
import { serverNow } from '../clock';
import { services } from '../services';
import { createStore } from '../store';
import { control, learnLoss } from './control';
import { outcomeOf, type Sent } from './outcome';

const KEPT = 6;
const POLL = 400;

/** Newest first. */
export const sent = createStore<readonly Sent[]>([]);

/** Sends a command to the device in control, and follows it until the device has answered or must not do it any more. */
export async function sendCommand(name: string): Promise<void> {
  const { state, device, token } = control.get();
  if (state !== 'held' || device === undefined) return;
  const id = crypto.randomUUID();
  const update = (more: Partial<Sent>) =>
    sent.set((all) => all.map((one) => (one.id === id ? { ...one, ...more } : one)));
  const first: Sent = { id, device, name, at: serverNow(), state: 'sending' };
  sent.set((all) => [first, ...all].slice(0, KEPT));
  const path = `/devices/${encodeURIComponent(device)}/commands`;
  try {
    let answer = await services.api.post<CommandAnswer>(path, { token, id, name });
    update({ state: 'sent' });
    while (!answer.acknowledgement && serverNow() < Date.parse(answer.expiresAt) + 1000) {
      await sleep(POLL);
      answer = await services.api.get<CommandAnswer>(`${path}/${id}`);
    }
    update(outcomeOf(answer));
  } catch (error) {
    update({ state: 'failed', words: wordsOf(error) });
    learnLoss(device, error);
  }
}
