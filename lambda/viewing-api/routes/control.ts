import type { Action } from '../../common/access/authorize';
import type { PilotDesk } from '../pilot-desk';
import { commandParameters, commandRequest, controlRequest } from '../requests';
import { answer } from '../../common/http-api';
import type { Routing } from '../routing';

export interface ControlRoutePorts {
  readonly now: () => number;
}

/** To take control of a device, and to have it do something. */
export function addControlRoutes({ router, access, admit, ports }: Routing<ControlRoutePorts>, desk: PilotDesk): void {
  router.get('/devices/:device/control', async ({ event, params }) => {
    const { device } = params;
    const admission = await admit(event, device, 'control');
    const control = await desk.control(admission.caller, { action: 'status', device });
    access.granted(admission, ports.now());
    return answer(control);
  });

  router.post(
    '/devices/:device/control',
    async ({ event, params, valid }) => {
      const { device } = params;
      const request = valid.req.body;
      const action: Action = request.action === 'force' ? 'force' : 'control';
      const admission = await admit(event, device, action);
      const control = await desk.control(admission.caller, { ...request, device });
      // There are many heartbeats, and Takeover has a record of each.
      if (request.action !== 'heartbeat') {
        access.granted(admission, control.until ? Date.parse(control.until) : ports.now(), { control: request.action });
      }
      return answer(control);
    },
    { validation: { req: { body: controlRequest } } },
  );

  router.post(
    '/devices/:device/commands',
    async ({ event, params, valid }) => {
      const { device } = params;
      const { token, ...command } = valid.req.body;
      const admission = await admit(event, device, 'control');
      const sent = await desk.command(admission.caller, { action: 'command', device, token, command });
      access.granted(admission, ports.now(), { command: command.name, commandId: command.id });
      return answer(sent);
    },
    { validation: { req: { body: commandRequest } } },
  );

  router.get(
    '/devices/:device/commands/:id',
    async ({ event, params, valid }) => {
      const { device } = params;
      const commandId = valid.req.path.id;
      const admission = await admit(event, device, 'control');
      const found = await desk.command(admission.caller, { action: 'status', device, commandId });
      access.granted(admission, ports.now(), { commandId });
      return answer(found);
    },
    { validation: { req: { path: commandParameters } } },
  );
}
