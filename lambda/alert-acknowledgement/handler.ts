import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import {
  Acknowledgements,
  acknowledgeableId,
  acknowledgementNote,
  type Acknowledgement,
  type AcknowledgementPorts,
} from '../common/acknowledgement';
import { Problem } from '../common/problem';
import { answerSigned, methodNotAllowed, type SignedRequest } from '../common/signed-request';

export type Ports = AcknowledgementPorts;

const order = z.strictObject({
  detectionId: acknowledgeableId,
  acknowledgedBy: z.string().min(1).max(256).optional(),
  note: acknowledgementNote.optional(),
});

const question = z.object({ detectionId: acknowledgeableId });

/** Takes an acknowledgement, or looks one up. */
export async function handle(event: unknown, ports: Ports): Promise<APIGatewayProxyStructuredResultV2> {
  return answerSigned(event, (request) => respond(request, new Acknowledgements(ports)));
}

async function respond(request: SignedRequest, acknowledgements: Acknowledgements): Promise<Acknowledgement> {
  const { method, principal } = request;
  switch (method) {
    case 'POST': {
      return acknowledgements.acknowledge({ ...request.body(order), principal });
    }
    case 'GET': {
      const { detectionId } = request.query(question);
      const found = await acknowledgements.find(detectionId);
      if (found) return found;
      throw new Problem(404, 'Not acknowledged', `Nobody has acknowledged '${detectionId}'.`);
    }
    default:
      throw methodNotAllowed(method);
  }
}
