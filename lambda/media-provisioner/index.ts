import { pacedMedia } from '../common/paced-media';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { handle } from './handler';

const ports = pacedMedia();

export const handler = queueWorker((body) => handle(body, ports), workerPorts());
