import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logger, metrics } from '../observability';
import type { Action } from './authorize';
import type { Authorizer } from './authorizer';
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
    logger.warn('Access denied', { sub: caller.sub, device: device?.slice(0, 128), action, reason });
    metrics.addMetric('AccessDenied', MetricUnit.Count, 1);
    throw problem;
  }
}
