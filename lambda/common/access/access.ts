import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logger, metrics } from '../observability';
import type { Action, Decision } from './authorize';
import { MAX_DEVICES, type Authorizer } from './authorizer';
import type { Caller } from './caller';
import type { Devices } from './devices';
import { Problem, unknownDevice } from './problem';

/** That a caller may do something with a device, and why. */
export interface Admission {
  readonly caller: Caller;
  readonly device: string;
  readonly action: Action;
  readonly reason: string;
}

/** The one place where it is decided who may do what, and where that is put on record. */
export class Access {
  constructor(
    private readonly authorizer: Authorizer,
    private readonly devices: Devices,
  ) {}

  /**
   * Lets a caller do something with a device.
   *
   * @throws Problem 403 if the caller may do it with no device at all, and 404 if there is no such device or the caller
   * may not do it with this one, which are not to be told apart
   */
  async admit(caller: Caller, name: string, action: Action): Promise<Admission> {
    this.checkAction(caller, action, name);
    const device = await this.devices.find(name);
    if (!device) return this.deny(caller, action, 'the fleet has no such device', name, unknownDevice());
    const [decision] = await this.authorizer.decide(caller, action, [device]);
    if (!decision.allow) return this.deny(caller, action, decision.reason, name, unknownDevice());
    return { caller, device: name, action, reason: decision.reason };
  }

  /**
   * Lets a caller do something with those of several devices with which they may do it. The others are left out.
   *
   * @throws Problem 403 if the caller may do it with no device at all, and 404 if it is none of these
   */
  async admitSome(caller: Caller, names: readonly string[], action: Action): Promise<Admission[]> {
    this.checkAction(caller, action);
    const devices = await this.devices.findAll([...new Set(names)]);
    const decisions: Decision[] = [];
    for (let start = 0; start < devices.length; start += MAX_DEVICES) {
      decisions.push(...(await this.authorizer.decide(caller, action, devices.slice(start, start + MAX_DEVICES))));
    }
    const allowed = new Map(devices.map(({ name }, index) => [name, decisions[index]]));
    const admissions: Admission[] = [];
    for (const device of new Set(names)) {
      const { allow, reason } = allowed.get(device) ?? { allow: false, reason: 'the fleet has no such device' };
      if (allow) admissions.push({ caller, device, action, reason });
      else this.recordDenial(caller, action, reason, device);
    }
    if (admissions.length === 0) throw unknownDevice();
    return admissions;
  }

  /** Puts on record that access was given. */
  granted({ caller, device, action, reason }: Admission, until: number, details: Record<string, unknown> = {}): void {
    logger.info('Access granted', {
      sub: caller.sub,
      device,
      action,
      reason,
      until: new Date(until).toISOString(),
      ...details,
    });
    metrics.addMetric('AccessGranted', MetricUnit.Count, 1);
  }

  /** Puts on record that access to several devices was given. */
  grantedSome(admissions: readonly Admission[], until: number, details: Record<string, unknown> = {}): void {
    const [{ caller, action }] = admissions;
    logger.info('Access granted', {
      sub: caller.sub,
      devices: admissions.map(({ device }) => device),
      action,
      reasons: [...new Set(admissions.map(({ reason }) => reason))],
      until: new Date(until).toISOString(),
      ...details,
    });
    metrics.addMetric('AccessGranted', MetricUnit.Count, admissions.length);
  }

  /**
   * A page of the devices that the caller may see.
   * @throws Problem 403 if the caller may see none at all
   */
  async list(caller: Caller, limit: number, token: string | undefined) {
    this.checkAction(caller, 'list');
    const page = await this.devices.page(this.authorizer.reach(caller), limit, token);
    const decisions = page.devices.length === 0 ? [] : await this.authorizer.decide(caller, 'list', page.devices);
    const devices = page.devices.filter((_, index) => decisions[index].allow);
    const reasons = new Set(decisions.filter(({ allow }) => allow).map(({ reason }) => reason));
    logger.info('Devices listed', {
      sub: caller.sub,
      action: 'list',
      devices: devices.map(({ name }) => name),
      reasons: [...reasons],
    });
    metrics.addMetric('DevicesListed', MetricUnit.Count, devices.length);
    return { devices, nextToken: page.nextToken };
  }

  private checkAction(caller: Caller, action: Action, device?: string): void {
    const refusal = this.authorizer.refusal(caller, action);
    if (refusal === undefined) return;
    this.deny(caller, action, refusal, device, new Problem(403, 'Not allowed', 'None of your roles allows this.'));
  }

  private deny(caller: Caller, action: Action, reason: string, device: string | undefined, problem: Problem): never {
    this.recordDenial(caller, action, reason, device);
    throw problem;
  }

  private recordDenial(caller: Caller, action: Action, reason: string, device: string | undefined): void {
    logger.warn('Access denied', { sub: caller.sub, device: device?.slice(0, 128), action, reason });
    metrics.addMetric('AccessDenied', MetricUnit.Count, 1);
  }
}
