import { statusOf, wordsOf } from '../api/problem';
import type { LiveAnswer } from '../api/types';
import { backOff, sleep } from '../back-off';
import { serverNow } from '../clock';
import { services } from '../services';
import { createStore } from '../store';
import { connect, type Line } from './connect';
import { countsOf, factsOf, type Counts, type Facts } from './stats';

export interface Live {
  readonly state: 'connecting' | 'live' | 'reconnecting' | 'ended';
  /** Why it isn't live. */
  readonly words?: string;
  readonly stream?: MediaStream;
  readonly expiresAt?: number;
  readonly facts?: Facts;
}

type End = 'over' | 'renew' | 'lost' | 'stopped';

/** Before the end, in milliseconds: to connect anew takes a moment. */
const RENEW_BEFORE = 15_000;
/** Without a frame the connection is taken for lost, in milliseconds. */
const STALLED_AFTER = 6000;

/** Live video of a device, connected again whenever it is lost, until the session is over. */
export class LiveSession {
  readonly live = createStore<Live>({ state: 'connecting' });
  private readonly stopping = new AbortController();
  private line: Line | undefined;

  /** @param isNeeded whether the session is to go on beyond its end */
  constructor(
    private readonly device: string,
    private readonly camera: string | undefined,
    private readonly isNeeded: () => boolean,
  ) {
    void this.run();
  }

  stop(): void {
    this.stopping.abort();
    this.line?.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const end = await this.once(signal);
        failures = 0;
        if (end === 'stopped') return;
        if (end === 'renew') continue;
        this.hangUp();
        if (end === 'over') return this.live.set({ state: 'ended', words: 'The live session is over.' });
        this.live.set({ state: 'reconnecting', words: 'The connection to the device was lost.' });
      } catch (error) {
        if (signal.aborted) return;
        const isFinal = [400, 403, 404].includes(statusOf(error) ?? -1);
        this.hangUp();
        if (isFinal) return this.live.set({ state: 'ended', words: wordsOf(error) });
        this.live.set({ state: 'reconnecting', words: wordsOf(error) });
      }
      await sleep(backOff(failures++, { most: 15_000 }), signal);
    }
  }

  private async once(signal: AbortSignal): Promise<End> {
    const path = `/devices/${encodeURIComponent(this.device)}/live`;
    const body = this.camera === undefined ? {} : { camera: this.camera };
    const answer = await services.api.post<LiveAnswer>(path, body, { signal });
    const line = await connect(answer, signal);
    // The one before goes only now, so that there is no gap.
    this.line?.close();
    this.line = line;
    const expiresAt = Date.parse(answer.expiresAt);
    this.live.set({ state: 'live', stream: line.stream, expiresAt });
    return this.follow(line, expiresAt, signal);
  }

  private async follow({ peer }: Line, expiresAt: number, signal: AbortSignal): Promise<End> {
    const renewAt = expiresAt - Math.min(RENEW_BEFORE, (expiresAt - serverNow()) / 2);
    let before: Counts | undefined;
    let movedAt = Date.now();
    for (;;) {
      await sleep(Math.max(50, Math.min(1000, expiresAt - serverNow())), signal);
      if (signal.aborted) return 'stopped';
      if (serverNow() >= renewAt && this.isNeeded()) return 'renew';
      if (serverNow() >= expiresAt) return 'over';
      const counts = countsOf([...(await peer.getStats()).values()] as Record<string, unknown>[]);
      if (counts && before) {
        if (counts.frames > before.frames) movedAt = Date.now();
        const facts = factsOf(before, counts);
        if (facts) this.live.set((now) => (now.state === 'live' ? { ...now, facts } : now));
      }
      before = counts ?? before;
      const isStalled = !document.hidden && Date.now() - movedAt > STALLED_AFTER;
      if (document.hidden) movedAt = Date.now();
      if (isStalled || ['failed', 'closed'].includes(peer.connectionState)) return 'lost';
    }
  }

  private hangUp(): void {
    this.line?.close();
    this.line = undefined;
  }
}
