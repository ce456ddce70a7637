import { sleep } from '../back-off';
import { learnTime } from '../clock';
import { ApiProblem, problemOf } from './problem';

export interface ApiSettings {
  readonly url: string;
  /** The ID token, or nothing if nobody is signed in. */
  readonly token: () => Promise<string | undefined>;
  /** The API says that the token is no good. */
  readonly onSignedOut: () => void;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Waits of the API that are longer are told to the person instead. */
const PATIENCE = 5000;

export class Api {
  constructor(private readonly settings: ApiSettings) {}

  get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    return this.send<T>(`${path}${search.size > 0 ? `?${search}` : ''}`, { method: 'GET', signal });
  }

  /** `keepalive`: goes on when the page is gone. */
  post<T>(path: string, body: object, options: { signal?: AbortSignal; keepalive?: boolean } = {}): Promise<T> {
    return this.send<T>(path, { method: 'POST', body: JSON.stringify(body), ...options });
  }

  private async send<T>(path: string, init: RequestInit): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.once<T>(path, init);
      } catch (error) {
        if (!(error instanceof ApiProblem) || attempt >= 2) throw error;
        if (error.retryAfter === undefined || error.retryAfter > PATIENCE) throw error;
        await sleep(error.retryAfter, init.signal ?? undefined);
        if (init.signal?.aborted) throw error;
      }
    }
  }

  private async once<T>(path: string, init: RequestInit): Promise<T> {
    const token = await this.settings.token();
    if (token === undefined) {
      this.settings.onSignedOut();
      throw new ApiProblem(401, 'Signed out', 'You are signed out.');
    }
    const response = await this.fetch(`${this.settings.url}/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.body ? { 'content-type': 'application/json' } : {}) },
      cache: 'no-store',
    });
    learnTime(response.headers.get('date'));
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return body as T;
    if (response.status === 401) this.settings.onSignedOut();
    throw problemOf(response.status, body, response.headers.get('retry-after'));
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiProblem(0, 'No connection', 'The API can’t be reached. Check the network.');
    }
  }
}
