import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { parseEnvironment } from '../common/environment';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle } from './handler';

const { STATE_MACHINE_ARN: stateMachineArn } = parseEnvironment(z.object({ STATE_MACHINE_ARN: z.string().min(1) }));
const ports = { sfn: new SFNClient(), stateMachineArn };

export const handler = queueWorker((body) => handle(body, ports), workerPorts());
