import { fail, lit } from '../private/validation';
import { cellsFor, expectedDevices } from './cells';
import { amount } from './format';
import { Load } from './load';
import type { QuotaCheck } from './plan-parts';
import { quotasOf, type Quota } from './quota-data';

/** A cell of the fleet: the one with the most devices. */
export function cellOf({ workload }: Load): Load {
  const { cells, devices, viewers, storedChannels } = workload;
  return new Load({
    ...workload,
    cells: 1,
    devices: expectedDevices(devices, cells),
    viewers: Math.ceil(viewers / cells),
    storedChannels: Math.ceil(storedChannels / cells),
  });
}

/** @throws ValidationError `FleetWorkload` if the workload has a quota that isn't known */
export function checkQuotas(load: Load): QuotaCheck[] {
  const quotas = quotasOf(cellOf(load));
  const given = load.workload.quotas;
  const unknown = Object.keys(given).find((id) => !quotas.some((quota) => quota.id === id));
  if (unknown !== undefined) {
    const known = quotas.map(({ id }) => id).join(', ');
    fail(undefined, lit`FleetWorkload`, `\`quotas\` has '${unknown}', which is none; there are ${known}.`);
  }
  return quotas.map((quota) => check(Object.hasOwn(given, quota.id) ? raised(quota, given[quota.id]) : quota, load));
}

/** How many cells there must be for streams and channels, of which each device needs its own. */
export function cellsNeeded(load: Load): { cells: number; quota: QuotaCheck } {
  const { devices, camerasPerDevice } = load.workload;
  const needs = checkQuotas(load)
    .filter(({ id, needed }) => ['stream', 'channel'].includes(id) && needed > 0)
    .map((quota) => {
      const room = Math.floor(quota.limit / camerasPerDevice);
      if (room < 1) {
        fail(undefined, lit`FleetWorkload`, `\`quotas.${quota.id}\` is ${quota.limit}, less than one device needs.`);
      }
      return { cells: cellsFor(devices, room), quota };
    });
  return needs.reduce((most, need) => (need.cells > most.cells ? need : most));
}

function raised(quota: Quota, limit: number): Quota {
  return { ...quota, limit, assumed: false };
}

function check(quota: Quota, load: Load): QuotaCheck {
  const { id, name, needed, limit, adjustable, source, assumed = false, counted = false } = quota;
  const exceeded = needed > limit;
  const factor = needed === 0 ? 0 : needed / limit;
  return {
    id,
    name,
    needed,
    limit,
    exceeded,
    exceededBy: exceeded ? needed - limit : 0,
    factor,
    adjustable,
    assumed,
    counted,
    source,
    message: exceeded ? message(quota, factor, load) : '',
  };
}

function message(quota: Quota, factor: number, { workload }: Load): string {
  const { id, name, needed, limit, adjustable } = quota;
  const setting = adjustable ? `Have the quota raised and say so (${settingOf(id)}). ` : '';
  const room = Math.floor(limit / workload.camerasPerDevice);
  const cells = quota.counted && room >= 1 && id !== 'storedChannel' ? cellsFor(workload.devices, room) : undefined;
  const remedy = cells ? `Or use ${amount(cells)} cells` : setting ? `Or: ${quota.remedy}` : quota.remedy;
  return `${name}: a cell needs ${amount(needed)} and has ${amount(limit)}: ${amount(factor)} times what it has. ${setting}${remedy}.`;
}

/** A cell has properties of its own for what it has always had to know. */
function settingOf(id: string): string {
  const ofUsage = `\`quotas.${id}\``;
  return ['stream', 'channel'].includes(id) ? `${ofUsage}, or \`${id}Quota\` of a cell` : ofUsage;
}
