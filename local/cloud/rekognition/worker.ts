import { parentPort } from 'node:worker_threads';
import { ObjectModel } from './object-model';

/** The model in a thread of its own: it takes a second for a picture, in which nothing else would go on. */
const model = ObjectModel.load();

parentPort!.on('message', ({ id, jpeg }: { id: number; jpeg: Uint8Array }) => {
  void model
    .then((loaded) => loaded.detect(jpeg))
    .then(
      (seen) => parentPort!.postMessage({ id, seen }),
      (error: Error) => parentPort!.postMessage({ id, error: error.message }),
    );
});
