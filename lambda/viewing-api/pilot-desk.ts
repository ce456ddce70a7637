import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type * as z from 'zod';
import type { Caller } from '../common/access/caller';
import { logger } from '../common/observability';
import { Problem, answerOf } from '../common/problem';
import {
  pilotName,
  takeoverResponse,
  type CommandStatus,
  type Control,
  type TakeoverError,
  type TakeoverResponse,
  type takeoverRequest,
} from '../common/takeover';

export interface TakeoverPorts {
  readonly lambda: LambdaClient;
  /** Of `Takeover`, which believes what it is told of who asks. */
  readonly functionName: string;
}

type Request = z.input<typeof takeoverRequest>;
type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
/** What is asked, without who asks. */
type Order = Without<Request, 'pilot' | 'role'>;
type OrderOf<A extends Request['action']> = Extract<Order, { action: A }>;
type Granted = Extract<TakeoverResponse, { ok: true }>;

const REFUSALS = {
  LEASE_HELD: [409, 'Somebody else is in control'],
  LEASE_LOST: [409, 'Control is lost'],
  NOT_HOLDER: [409, 'Not in control'],
  FORBIDDEN: [403, 'Not allowed'],
  INVALID: [400, 'Refused'],
} as const satisfies Record<TakeoverError['code'], [status: number, title: string]>;

/** Asks `Takeover` in the names of pilots. Whether they may has been decided by then. */
export class PilotDesk {
  constructor(private readonly ports: TakeoverPorts) {}

  /** @throws Problem as `ask` does */
  async control(caller: Caller, order: Exclude<Order, { action: 'command' }>): Promise<Control> {
    return (await this.ask(caller, order)).control;
  }

  /**
   * A command, as it stands.
   * @throws Problem as `ask` does
   */
  async command(caller: Caller, order: OrderOf<'command' | 'status'>): Promise<Omit<CommandStatus, 'pilot'>> {
    const { command } = await this.ask(caller, order);
    if (!command) throw this.noAnswer({ action: order.action });
    const { pilot: _, ...status } = command;
    return status;
  }

  /** Who is in control, if anybody is and it can be told. */
  async glance(caller: Caller, device: string): Promise<{ holder: string; until: string } | undefined> {
    try {
      const { holder, until } = await this.control(caller, { action: 'status', device });
      return holder !== undefined && until !== undefined ? { holder, until } : undefined;
    } catch (error) {
      // The device is to be seen all the same.
      logger.warn('It is not known who is in control', { device, error: error as Error });
      return undefined;
    }
  }

  /**
   * @throws Problem 400, 403 and 409 with a `code` for what is refused, 429 if there is too much to do, and 502 if there is
   * no answer
   */
  private async ask(caller: Caller, order: Order): Promise<Granted> {
    const pilot = pilotOf(caller);
    // That the caller may do so has been decided.
    const role = order.action === 'force' ? 'supervisor' : 'pilot';
    const response = await this.invoke({ ...order, pilot, role });
    if (response.ok) return response;
    const { code, message, ...members } = response.error;
    const [status, title] = REFUSALS[code];
    throw new Problem(status, title, message, {}, { code, ...members });
  }

  private async invoke(request: Request): Promise<TakeoverResponse> {
    const { lambda, functionName } = this.ports;
    const { FunctionError, Payload } = await answerOf(
      lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) })),
    );
    const response = takeoverResponse.safeParse(FunctionError ? undefined : parse(Payload));
    if (response.success) return response.data;
    throw this.noAnswer({ functionError: FunctionError, error: response.error });
  }

  private noAnswer(details: Record<string, unknown>): Problem {
    logger.error('Takeover gave no answer', details);
    return new Problem(502, 'No control', 'Who is in control could not be asked or changed. Try again.');
  }
}

/**
 * The name by which a pilot holds leases, which is for good.
 * @throws Problem 403 if it can't be one
 */
function pilotOf({ sub }: Caller): string {
  if (pilotName.safeParse(sub).success) return sub;
  const detail = '`sub` of your token must be 1 to 256 visible ASCII characters, as you are known to devices by it.';
  throw new Problem(403, 'Not a pilot', detail, {}, { code: 'FORBIDDEN' });
}

function parse(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
  } catch {
    return undefined;
  }
}
