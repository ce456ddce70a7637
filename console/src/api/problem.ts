/** Why the API refused, in its own words. */
export class ApiProblem extends Error {
  constructor(
    /** Of HTTP; 0 if there was no answer. */
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly members: { readonly code?: string; readonly by?: string; readonly until?: string } = {},
    /** In milliseconds. */
    readonly retryAfter?: number,
  ) {
    super(detail || title);
  }
}

const WORDS: Record<number, string> = {
  401: 'Your session is over.',
  403: 'You are not allowed to do this.',
  404: 'There is no such device, or it is not for you to see.',
  429: 'Too many requests at once.',
  502: 'The service behind the API did not answer.',
};

/** Of an answer that isn't a success. A proxy on the way answers with no problem at all, or with one of its own kind. */
export function problemOf(status: number, body: unknown, retryAfter: string | null): ApiProblem {
  const { title, detail, message, ...members } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    string | undefined
  >;
  return new ApiProblem(
    status,
    title ?? `Failed (${status})`,
    detail ?? message ?? WORDS[status] ?? `The request failed (${status}).`,
    members,
    retryAfterOf(retryAfter),
  );
}

/** Both forms of the header: seconds, or a date. */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (!Number.isNaN(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** What a person is told of any error. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof ApiProblem ? error.status : undefined;
}
