import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadGraphModel, type GraphModel } from '@tensorflow/tfjs-converter';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { decode } from 'jpeg-js';

/** What `@vladmandic/human` ships, under the MIT licence: a CenterNet that was trained on COCO. */
const PACKAGE = join(dirname(require.resolve('@vladmandic/human')), '..');
const SIZE = 512;
/** Of COCO's classes the ones that a fleet may look for, and that one may meet; the others are called by their number. */
const LABELS: Record<number, string> = {
  0: 'person',
  1: 'bicycle',
  2: 'car',
  3: 'motorcycle',
  4: 'airplane',
  5: 'bus',
  7: 'truck',
  14: 'bird',
  15: 'cat',
  16: 'dog',
};

/** What is seen. The box is in shares of the picture. */
export interface SeenObject {
  readonly label: string;
  /** In percent. */
  readonly confidence: number;
  readonly boundingBox: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

/** A model that runs here, in WebAssembly, and was trained by others. */
export class ObjectModel {
  static async load(): Promise<ObjectModel> {
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
    return new ObjectModel(model);
  }

  private constructor(private readonly model: GraphModel) {}

  /** @throws Error if it is no JPEG */
  async detect(jpeg: Uint8Array): Promise<SeenObject[]> {
    const { width, height, data } = decode(jpeg, { useTArray: true, formatAsRGBA: false });
    const output = tf.tidy(() => {
      const pixels = tf.cast(tf.tensor3d(data, [height, width, 3], 'int32'), 'float32');
      const input = tf.image.resizeBilinear(tf.expandDims<tf.Tensor4D>(pixels), [SIZE, SIZE]);
      return this.model.execute(input, ['tower_0/detections']) as tf.Tensor3D;
    });
    const [rows] = await output.array();
    output.dispose();
    const share = (pixel: number) => Math.min(1, Math.max(0, pixel / SIZE));
    return rows
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
  }
}
