/**
 * What one may do with a device: see it in the list, watch what is recorded of it, hear of its alerts, watch it live,
 * acknowledge its alerts, take control of it, and take it from somebody else.
 */
export const ACTIONS = [
  'list',
  'hls',
  'dash',
  'clip',
  'images',
  'fragments',
  'alerts',
  'live',
  'acknowledge',
  'control',
  'force',
] as const;

export type Action = (typeof ACTIONS)[number];

interface Role {
  readonly actions: readonly Action[];
  /** Whether it reaches devices of all groups, and those of none. */
  readonly everywhere: boolean;
}

const REVIEWING: readonly Action[] = ['list', 'hls', 'dash', 'clip', 'images', 'fragments', 'alerts'];

const PILOTING: readonly Action[] = [...REVIEWING, 'live', 'acknowledge', 'control'];

/** A map, because the names that are looked up in it come from a token. */
const ROLES = new Map<string, Role>([
  ['reviewer', { actions: REVIEWING, everywhere: false }],
  ['pilot', { actions: PILOTING, everywhere: false }],
  ['admin', { actions: ACTIONS, everywhere: true }],
]);

export interface Question {
  readonly roles: readonly string[];
  /** The groups of devices that the caller is given. */
  readonly groups: readonly string[];
  readonly device: { readonly name: string; readonly groups: readonly string[] };
  readonly action: Action;
}

export type Decision =
  | { readonly allow: true; readonly reason: string }
  | { readonly allow: false; readonly reason: string };

/** Whether a caller may do something with a device: only if one of the roles allows it where the device is. */
export function decide({ roles, groups, device, action }: Question): Decision {
  const able = rolesAllowing(roles, action);
  if (able.length === 0) return { allow: false, reason: `no role allows ${action}` };
  const everywhere = able.find((role) => ROLES.get(role)!.everywhere);
  if (everywhere) return { allow: true, reason: `${everywhere} of all groups` };
  const shared = groups.find((group) => device.groups.includes(group));
  if (shared === undefined) return { allow: false, reason: 'the device is in none of the groups' };
  return { allow: true, reason: `${able[0]} of ${shared}` };
}

/** The roles that allow something anywhere at all. */
export function rolesAllowing(roles: readonly string[], action: Action): string[] {
  return roles.filter((role) => ROLES.get(role)?.actions.includes(action));
}

/** Whether devices of all groups are within reach. */
export function reachesAllGroups(roles: readonly string[]): boolean {
  return roles.some((role) => ROLES.get(role)?.everywhere);
}
