import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { commandName, onLapse } from '../common/device-command';
import { extend, force, holding, isHeld, release, take, type Lease, type Verdict } from '../common/lease';
import { logger, metrics } from '../common/observability';
import { Commands, type CommandPorts, type SentCommand } from './commands';
import { Leases, type LeasePorts } from './leases';
import {
  takeoverRequest,
  type CommandStatus,
  type Control,
  type RequestOf,
  type TakeoverError,
  type TakeoverRequest,
  type TakeoverResponse,
} from '../common/takeover';

/** What `Takeover` puts into the environment. */
export const takeoverSettings = z.object({
  leaseTable: z.string().min(1),
  commandTable: z.string().min(1),
  topicPrefix: z.string().min(1),
  leaseSeconds: z.number().min(5).max(120),
  commandSeconds: z.number().min(1).max(60),
  onLapse,
  /** Those that pilots may send. Without it, all. */
  commands: z.array(commandName).min(1).optional(),
});

export interface Ports extends Pick<LeasePorts & CommandPorts, 'dynamodb' | 'iotData' | 'now'> {
  readonly settings: z.infer<typeof takeoverSettings>;
  readonly newId: () => string;
}

/** What was asked for can't be, and would not be if it was asked again right now. */
class Refusal extends Error {
  constructor(readonly error: TakeoverError) {
    super(error.message);
  }
}

const REFUSED = {
  LEASE_HELD: 'ControlRefused',
  NOT_HOLDER: 'ControlRefused',
  FORBIDDEN: 'ControlRefused',
  LEASE_LOST: 'ControlLost',
  INVALID: 'RequestInvalid',
} as const satisfies Record<TakeoverError['code'], string>;

const GRANTED = { take: 'ControlTaken', force: 'ControlForced', release: 'ControlReleased' } as const;

/**
 * Takes, extends and ends the control of a pilot over a device, and sends the pilot's commands.
 *
 * The table is changed first and the device told then. If that fails, so does the request; the pilot asks again.
 */
export async function handle(event: unknown, ports: Ports): Promise<TakeoverResponse> {
  try {
    return await new Session(check(event), ports).respond();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    metrics.addMetric(REFUSED[error.error.code], MetricUnit.Count, 1);
    const { action, device, pilot } = asked.parse(event);
    const { message: reason, ...rest } = error.error;
    logger.warn('Control refused', { action, device, pilot, reason, ...rest });
    return { ok: false, error: error.error };
  }
}

/** As much of a refused request as is worth telling, whatever it is. */
const asked = z
  .object({
    action: z.string().max(20).optional().catch(undefined),
    device: z.string().max(128).optional().catch(undefined),
    pilot: z.string().max(256).optional().catch(undefined),
  })
  .catch({});

function check(event: unknown): TakeoverRequest {
  const result = takeoverRequest.safeParse(event);
  if (result.success) return result.data;
  throw new Refusal({ code: 'INVALID', message: z.prettifyError(result.error).slice(0, 1000) });
}

class Session {
  private readonly leases: Leases;
  private readonly commands: Commands;
  private readonly length: number;

  constructor(
    private readonly request: TakeoverRequest,
    private readonly ports: Ports,
  ) {
    const { settings, ...clients } = ports;
    this.leases = new Leases({ ...clients, ...settings });
    this.commands = new Commands({ ...clients, ...settings });
    this.length = 1000 * settings.leaseSeconds;
  }

  async respond(): Promise<TakeoverResponse> {
    const { request } = this;
    switch (request.action) {
      case 'take':
        return this.begin(request, take);
      case 'force':
        if (request.role !== 'supervisor') {
          throw new Refusal({ code: 'FORBIDDEN', message: 'Only a supervisor takes over by force.' });
        }
        return this.begin(request, force);
      case 'heartbeat':
        return this.goOn(request);
      case 'release':
        return this.end(request);
      case 'command':
        return this.command(request);
      case 'status':
        return this.status(request);
    }
  }

  private async begin({ device, pilot }: RequestOf<'take' | 'force'>, how: typeof take): Promise<TakeoverResponse> {
    const lease = await this.change((before, now) => how(before, pilot, now, this.length));
    await this.tell(lease, device, 'TAKE_CONTROL');
    return { ok: true, control: this.control(lease) };
  }

  private async goOn({ device, ...holder }: RequestOf<'heartbeat'>): Promise<TakeoverResponse> {
    const lease = await this.change((before, now) => extend(before, holder, now, this.length));
    await this.commands.sendHeartbeat(lease, device, this.ports.newId());
    return { ok: true, control: this.control(lease) };
  }

  private async end({ device, ...holder }: RequestOf<'release'>): Promise<TakeoverResponse> {
    const lease = await this.change((before, now) => release(before, holder, now));
    if (lease.until > this.ports.now()) await this.tell(lease, device, 'RELEASE');
    return { ok: true, control: { device } };
  }

  private async command({ device, command, ...holder }: RequestOf<'command'>): Promise<TakeoverResponse> {
    const { now, settings } = this.ports;
    const { id, ...what } = command;
    if (settings.commands?.includes(what.name) === false) {
      throw new Refusal({ code: 'INVALID', message: `There is no command '${what.name}'.` });
    }
    const lease = granted(holding(await this.leases.of(device), holder, now()));
    const sent = await this.commands.send(lease, device, id, what, now() + 1000 * settings.commandSeconds);
    if (!sent) throw new Refusal({ code: 'INVALID', message: `'${id}' is the id of another command.` });
    metrics.addMetric('CommandSent', MetricUnit.Count, 1);
    this.audit(lease, { commandId: id, command: what.name });
    return { ok: true, control: this.control(lease), command: statusOf(sent) };
  }

  private async status({ device, pilot, commandId }: RequestOf<'status'>): Promise<TakeoverResponse> {
    const lease = await this.leases.of(device);
    const sent = commandId ? await this.commands.find(device, commandId) : undefined;
    if (commandId && !sent) {
      throw new Refusal({ code: 'INVALID', message: `Nobody has sent the command '${commandId}' to '${device}'.` });
    }
    const control = lease && isHeld(lease, this.ports.now()) ? this.control(lease, pilot) : { device };
    return { ok: true, control, ...(sent && { command: statusOf(sent) }) };
  }

  private async change(decide: (before: Lease | undefined, now: number) => Verdict): Promise<Lease> {
    const { device, action } = this.request;
    const { verdict, before } = await this.leases.change(device, decide);
    const lease = granted(verdict);
    if (action === 'take' || action === 'force' || action === 'release') {
      metrics.addMetric(GRANTED[action], MetricUnit.Count, 1);
    }
    this.audit(lease, before && before.token < lease.token ? { before: summary(before) } : {});
    return lease;
  }

  private async tell(lease: Lease, device: string, name: 'TAKE_CONTROL' | 'RELEASE'): Promise<void> {
    await this.commands.send(lease, device, this.ports.newId(), { name }, lease.until);
  }

  private audit(lease: Lease, more: object = {}): void {
    const { action, device, pilot } = this.request;
    logger.info('Control', { action, device, pilot, ...summary(lease), ...more });
  }

  private control(lease: Lease, to = lease.pilot): Control {
    return {
      device: this.request.device,
      holder: lease.pilot,
      ...(to === lease.pilot && { token: lease.token, heartbeatSeconds: this.ports.settings.leaseSeconds / 3 }),
      until: iso(lease.until),
    };
  }
}

function granted(found: Verdict): Lease {
  switch (found.verdict) {
    case 'granted':
      return found.lease;
    case 'held': {
      const { by, until } = found;
      throw new Refusal({ code: 'LEASE_HELD', message: `'${by}' is in control.`, by, until: iso(until) });
    }
    case 'lost': {
      const { by } = found;
      throw new Refusal({ code: 'LEASE_LOST', message: 'The pilot is in control no more.', ...(by && { by }) });
    }
    case 'notHolder':
      throw new Refusal({ code: 'NOT_HOLDER', message: 'The pilot has not taken control by that token.' });
  }
}

function summary({ pilot, token, until, isReleased }: Lease): object {
  return { holder: pilot, token, until: iso(until), isReleased };
}

function statusOf({ id, pilot, message, acknowledgement }: SentCommand): CommandStatus {
  const { issuedAt, expiresAt, command } = message;
  return { id, name: command.name, pilot, issuedAt, expiresAt, ...(acknowledgement && { acknowledgement }) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
