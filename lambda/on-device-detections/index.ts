import * as z from 'zod';
import { DeviceRate } from '../common/device-rate';
import { detector } from '../common/detector';
import { parseEnvironment } from '../common/environment';
import { queueWorker } from '../common/queue-worker';
import { handle } from './handler';

const { worker, ...ports } = detector();
const { MESSAGES_PER_SECOND } = parseEnvironment(z.object({ MESSAGES_PER_SECOND: z.coerce.number().positive() }));
const rate = new DeviceRate(MESSAGES_PER_SECOND);

export const handler = queueWorker((body, delivery) => handle(body, { ...ports, rate }, delivery), worker);
