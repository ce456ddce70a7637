import { detector } from '../common/detector';
import { queueWorker } from '../common/queue-worker';
import { handle } from './handler';

const { worker, ...ports } = detector();

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), worker);
