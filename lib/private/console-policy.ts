export interface ConsoleSources {
  /** Where recordings are played from. */
  readonly media: readonly string[];
  /** Whom the console speaks to, beside its own origin. */
  readonly connect: readonly string[];
}

/** Lets the console load nothing but itself, and speak to nobody but those whom it is for. */
export function contentSecurityPolicy({ media, connect }: ConsoleSources): string {
  return Object.entries({
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'"],
    'media-src': ['blob:', ...media],
    'connect-src': ["'self'", ...connect],
    'manifest-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
  })
    .map(([directive, sources]) => [directive, ...sources].join(' '))
    .join('; ');
}
