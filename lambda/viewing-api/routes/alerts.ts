import type * as z from 'zod';
import type { Acknowledgement, Acknowledgements } from '../../common/acknowledgement';
import { Problem, answerOf } from '../../common/problem';
import type { AlertHistory } from '../alert-history';
import { acknowledgementRequest, alertsQuery, type acknowledgementAnswer, type alertsAnswer } from '../requests';
import { answer } from '../../common/http-api';
import type { Routing } from '../routing';

export interface AlertRoutePorts {
  readonly now: () => number;
}

interface Knowledge {
  readonly history: AlertHistory;
  /** Nothing if alerts aren't acknowledged. */
  readonly acknowledgements?: Acknowledgements;
}

/** To hear of what devices have met, and to say that somebody sees to it. */
export function addAlertRoutes(
  { router, access, admit, ports }: Routing<AlertRoutePorts>,
  { history, acknowledgements }: Knowledge,
): void {
  router.get(
    '/devices/:device/alerts',
    async ({ event, params, valid }) => {
      const { query } = valid.req;
      const { device } = params;
      const admission = await admit(event, device, 'alerts');
      const { alerts, nextToken } = await history.page(device, query);
      const known = acknowledgements && (await answerOf(acknowledgements.findAll(alerts.map(({ id }) => id))));
      access.granted(admission, ports.now(), { from: query.from, to: query.to });
      return answer({
        alerts: alerts.map((alert) => {
          const acknowledgement = known?.get(alert.id);
          return { ...alert, acknowledgement: acknowledgement && forViewers(acknowledgement) };
        }),
        nextToken,
      } satisfies z.infer<typeof alertsAnswer>);
    },
    { validation: { req: { query: alertsQuery } } },
  );

  if (!acknowledgements) return;
  router.post(
    '/devices/:device/acknowledgements',
    async ({ event, params, valid }) => {
      const { detectionId, capturedAt, note } = valid.req.body;
      const { device } = params;
      const admission = await admit(event, device, 'acknowledge');
      // An id alone could be one of a device that is none of the caller's business.
      if (!(await history.has(device, capturedAt, detectionId))) throw unknownAlert();
      const { sub } = admission.caller;
      const given = { detectionId, principal: `viewer:${sub}`, acknowledgedBy: sub, note };
      const acknowledgement = await answerOf(acknowledgements.acknowledge(given));
      access.granted(admission, ports.now(), { detectionId });
      return answer({ detectionId, ...forViewers(acknowledgement) } satisfies z.infer<typeof acknowledgementAnswer>);
    },
    { validation: { req: { body: acknowledgementRequest } } },
  );
}

/** Without the principal, which may be a role of the account. */
function forViewers({ acknowledgedAt, acknowledgedBy, note }: Acknowledgement) {
  return { acknowledgedAt, acknowledgedBy, note };
}

function unknownAlert(): Problem {
  return new Problem(404, 'Nothing there', 'Of this device there is no such alert, or none any more.');
}
