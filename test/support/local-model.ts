import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadGraphModel, type GraphModel } from '@tensorflow/tfjs-converter';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { decode } from 'jpeg-js';
import { frameAnalysisRequest } from '../../lambda/image-detector/frame-analysis';

/** What `@vladmandic/human` ships, under the MIT licence: a CenterNet that was trained on COCO, and pictures. */
const PACKAGE = join(dirname(require.resolve('@vladmandic/human')), '..');
const SIZE = 512;
/** Of COCO's classes the ones that the tests name; the others are called by their number. */
const LABELS: Record<number, string> = { 0: 'person', 2: 'car' };

export function picture(name: string): Buffer {
  return readFileSync(join(PACKAGE, 'assets', name));
}

/** A model that runs here, in WebAssembly, and answers as a function that analyses frames. */
export class LocalModel {
  static async load(): Promise<LocalModel> {
    setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    await tf.setBackend('wasm');
    const { modelTopology, weightsManifest } = JSON.parse(
      readFileSync(join(PACKAGE, 'models', 'centernet.json'), 'utf8'),
    );
    const weights = readFileSync(join(PACKAGE, 'models', 'centernet.bin'));
    const model = await loadGraphModel({
      load: async () => ({
        modelTopology,
        weightSpecs: weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights),
        weightData: Uint8Array.from(weights).buffer,
      }),
    });
    return new LocalModel(model);
  }

  private constructor(private readonly model: GraphModel) {}

  /** @param read the frame, as the function would from S3 */
  async invoke(event: unknown, read: (bucket: string, key: string) => Promise<Buffer>): Promise<object> {
    const { bucket, key } = frameAnalysisRequest.parse(event);
    const { width, height, data } = decode(await read(bucket, key), { useTArray: true, formatAsRGBA: false });
    const output = tf.tidy(() => {
      const pixels = tf.cast(tf.tensor3d(data, [height, width, 3], 'int32'), 'float32');
      const input = tf.image.resizeBilinear(tf.expandDims<tf.Tensor4D>(pixels), [SIZE, SIZE]);
      return this.model.execute(input, ['tower_0/detections']) as tf.Tensor3D;
    });
    const [rows] = await output.array();
    output.dispose();
    const share = (pixel: number) => Math.min(1, Math.max(0, pixel / SIZE));
    const detections = rows
      .filter(([, , , , score]) => score > 0.3)
      .map(([left, top, right, bottom, score, number]) => ({
        label: LABELS[number] ?? String(number),
        confidence: 100 * score,
        boundingBox: {
          left: share(left),
          top: share(top),
          width: share(right) - share(left),
          height: share(bottom) - share(top),
        },
      }));
    return { schemaVersion: '1.0', detections };
  }
}
