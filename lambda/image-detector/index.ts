import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { detector } from '../common/detector';
import { queueWorker } from '../common/queue-worker';
import { handle } from './handler';

const { worker, ...ports } = detector();
const rekognition = new RekognitionClient({ retryMode: 'adaptive' });

export const handler = queueWorker((body) => handle(body, { ...ports, rekognition }), worker);
