import type { DetectionEvent } from '../../../lambda/common/detection-event';
import type { Api } from '../../../lambda/viewing-api/handler';
import { handle as takeover, type Ports as TakeoverPorts } from '../../../lambda/takeover/handler';
import type { Device } from './aws';

/** The routes that the API doesn't have yet, in memory. */
export function withInterimRoutes(
  api: Api,
  {
    devices,
    takeoverPorts,
    alerts,
    silent,
  }: {
    devices: readonly Device[];
    takeoverPorts: TakeoverPorts;
    alerts: () => Promise<DetectionEvent[]>;
    silent: (name: string) => boolean;
  },
): Api {
  const acknowledgements = new Map<string, object>();
  return async (event, context) => {
    const match = /^\/v1\/devices\/([^/]+)(?:\/(control|commands|alerts|acknowledgements)(?:\/([^/]+))?)?$/.exec(
      event.rawPath,
    );
    if (!match) return api(event, context);
    const [, name, kind, id] = match;
    const claims = (event.requestContext as never as { authorizer: { jwt: { claims: Record<string, string> } } })
      .authorizer.jwt.claims;
    const roles = (claims['cognito:groups'] ?? '').replace(/[[\]]/g, '').split(' ');
    const isAdmin = roles.includes('admin');
    const device = devices.find((one) => one.name === name);
    const groups = (claims['custom:device_groups'] ?? '').split(/[\s,]+/);
    const problem = (status: number, detail: string, more: object = {}) => ({
      statusCode: status,
      headers: { 'content-type': 'application/problem+json' },
      body: JSON.stringify({ type: 'about:blank', title: detail, status, detail, ...more }),
    });
    const answer = (content: object) => ({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(content),
    });
    if (!device || !(isAdmin || groups.some((group) => device.groups.includes(group))))
      return problem(404, 'Not found');
    const { method } = event.requestContext.http;
    const mayControl = isAdmin || roles.includes('pilot');
    if (kind !== 'alerts' && kind !== undefined && !mayControl) return problem(403, 'Not allowed');
    const body = event.body ? JSON.parse(event.body) : {};
    const ask = async (request: object) => {
      const response = await takeover(
        { device: name, pilot: claims.sub, role: isAdmin ? 'supervisor' : 'pilot', ...request },
        takeoverPorts,
      );
      if (response.ok) return response;
      const { code, message, ...rest } = response.error;
      throw Object.assign(new Error(message), {
        answer: problem(code === 'FORBIDDEN' ? 403 : code === 'INVALID' ? 400 : 409, message, { code, ...rest }),
      });
    };
    try {
      switch (kind) {
        case undefined: {
          const { control } = await ask({ action: 'status' });
          return answer({
            device: name,
            streams: [
              { status: 'ACTIVE', ...(!silent(name) && { receivedAt: new Date(Date.now() - 700).toISOString() }) },
            ],
            ...(control.holder && { control: { holder: control.holder, until: control.until } }),
          });
        }
        case 'control':
          return answer((await ask(method === 'GET' ? { action: 'status' } : body)).control);
        case 'commands': {
          if (method === 'GET') return answer((await ask({ action: 'status', commandId: id })).command!);
          const { token, ...command } = body;
          return answer((await ask({ action: 'command', token, command })).command!);
        }
        case 'alerts':
          return answer({
            alerts: (await alerts())
              .filter((alert) => alert.device === name)
              .map((alert) => ({ ...alert, acknowledgement: acknowledgements.get(alert.id) }))
              .reverse(),
          });
        default: {
          const given = acknowledgements.get(body.detectionId) ?? {
            acknowledgedAt: new Date().toISOString(),
            acknowledgedBy: claims.email,
            note: body.note,
          };
          acknowledgements.set(body.detectionId, given);
          return answer({ detectionId: body.detectionId, ...given });
        }
      }
    } catch (error) {
      if (error instanceof Error && 'answer' in error) return error.answer as never;
      throw error;
    }
  };
}
