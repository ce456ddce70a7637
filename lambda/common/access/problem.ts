import { isNamed } from '../errors';

/** What the caller is told of what went wrong. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }

  /** https://www.rfc-editor.org/rfc/rfc9457 */
  toResponse(): Response {
    const { status, title, message: detail, headers } = this;
    return new Response(JSON.stringify({ type: 'about:blank', title, status, detail }), {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    });
  }
}

/** The same for a device that isn't there and for one that is none of the caller's business. */
export function unknownDevice(): Problem {
  return new Problem(404, 'Not found', 'There is no such device, or it is not for you to see.');
}

const THROTTLED = ['ClientLimitExceededException', 'ThrottlingException', 'TooManyRequestsException', 'Throttling'];

/** The stream can't be watched as it is. */
const UNWATCHABLE = [
  'InvalidCodecPrivateDataException',
  'InvalidMediaFrameException',
  'MissingCodecPrivateDataException',
  'NoDataRetentionException',
  'UnsupportedStreamMediaTypeException',
];

/**
 * An error of AWS in the caller's terms, or nothing if it is one of this function. AWS's own words are for the log: they
 * name accounts and resources.
 */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (isNamed(error, ...THROTTLED)) {
    return new Problem(429, 'Too many requests', 'AWS is busy with other requests. Try again in a moment.', {
      'retry-after': '2',
    });
  }
  // To permissions that depend on a tag, what isn't there and what isn't the fleet's are the same.
  if (isNamed(error, 'ResourceNotFoundException', 'AccessDeniedException', 'NotAuthorizedException')) {
    return new Problem(404, 'Nothing there', 'Of this device there is no such channel, stream or recording.');
  }
  if (isNamed(error, ...UNWATCHABLE)) {
    return new Problem(409, 'Not watchable', `What the device sends can't be given out like this: ${error.name}.`);
  }
  if (isNamed(error, 'InvalidArgumentException', 'InvalidRequestException', 'ValidationException')) {
    return new Problem(
      400,
      'Refused',
      'AWS refuses the request: a token of another list, or more than a limit allows.',
    );
  }
  // Whatever comes from a client of the SDK says how it was tried.
  if (error instanceof Error && '$metadata' in error) {
    return new Problem(502, 'AWS failed', 'AWS did not answer as it should. Try again later.');
  }
  return undefined;
}
