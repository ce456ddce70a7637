export type View = 'devices' | 'live' | 'review' | 'alerts';

export interface Route {
  readonly view: View;
  readonly device?: string;
}

/** `#/devices`, `#/devices/<device>/live`, `#/devices/<device>/review`, `#/alerts`, `#/devices/<device>/alerts`. */
export function parseRoute(hash: string): Route {
  const [kind, name, view] = hash.replace(/^#\/?/, '').split('/');
  if (kind === 'alerts') return { view: 'alerts' };
  if (kind !== 'devices' || !name) return { view: 'devices' };
  const device = decode(name);
  if (device === undefined) return { view: 'devices' };
  return { device, view: view === 'review' || view === 'alerts' || view === 'devices' ? view : 'live' };
}

export function hashOf({ device, view }: Route): string {
  if (device === undefined) return view === 'alerts' ? '#/alerts' : '#/devices';
  return `#/devices/${encodeURIComponent(device)}/${view}`;
}

function decode(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
