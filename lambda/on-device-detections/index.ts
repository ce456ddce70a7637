import { detector } from '../common/detector';
import { queueWorker } from '../common/queue-worker';
import { handle } from './handler';

const { fleet, obstacles, alerts, worker } = detector();

export const handler = queueWorker((body) => handle(body, { fleet, obstacles, alerts }), worker);
