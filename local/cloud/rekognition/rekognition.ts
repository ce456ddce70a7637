import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as rekognition from '@aws-sdk/client-rekognition';
import type { DetectLabelsRequest, DetectLabelsResponse } from '@aws-sdk/client-rekognition';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import bounds from '../bounds/rekognition.json';
import type { Principals } from '../principals';
import { modelled, ServiceError, type Call, type Service } from '../service';
import type { SeenObject } from './object-model';

export interface RekognitionProps {
  readonly principals: Principals;
  readonly gatewayUrl: () => string;
  readonly region: string;
  /** How many images a second there may be. Rekognition's own quota is by region. @default 5 */
  readonly callsPerSecond?: number;
}

/** https://docs.aws.amazon.com/rekognition/latest/dg/limits.html */
const MAX_IMAGE = 15 * 1024 * 1024;

/** What Rekognition is sure of at least, if nobody says. */
const MIN_CONFIDENCE = 55;

/**
 * DetectLabels by a real model, which knows less than Rekognition's: the classes of COCO, without parents and categories.
 * https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
 */
export function startRekognition({ principals, gatewayUrl, region, callsPerSecond = 5 }: RekognitionProps) {
  const model = new ModelThread();
  const recent: number[] = [];

  const imageOf = async ({ Image }: DetectLabelsRequest, { principal }: Call): Promise<Uint8Array> => {
    if (Image?.Bytes) return readable(Image.Bytes);
    const { Bucket, Name: Key } = Image?.S3Object ?? {};
    if (!Bucket || !Key) throw new ServiceError('InvalidParameterException', 'Request has invalid parameters');
    // Rekognition reads as whoever calls it.
    const credentials = principals.issue(principal.roleArn!, { sessionName: 'rekognition', seconds: 60 });
    const s3 = new S3Client({ region, credentials, endpoint: gatewayUrl(), forcePathStyle: true });
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return readable(await Body!.transformToByteArray());
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      const message = 'Unable to get object metadata from S3. Check object key, region and/or access permissions.';
      throw new ServiceError('InvalidS3ObjectException', message);
    } finally {
      s3.destroy();
    }
  };

  const detectLabels = async (input: DetectLabelsRequest, call: Call): Promise<DetectLabelsResponse> => {
    const now = Date.now();
    while (recent.length > 0 && recent[0] <= now - 1000) recent.shift();
    if (recent.length >= callsPerSecond) {
      throw new ServiceError('ProvisionedThroughputExceededException', 'Provisioned rate exceeded');
    }
    recent.push(now);
    const seen = await model.detect(await imageOf(input, call));
    return { Labels: labelsOf(seen, input), LabelModelVersion: '3.0' };
  };

  const service: Service = modelled({
    name: 'rekognition',
    protocol: 'json',
    schemas: [rekognition],
    bounds,
    operations: { DetectLabels: detectLabels },
  });
  return { service, stop: () => model.stop() };
}

/** One label for each class, with where it is. */
function labelsOf(seen: readonly SeenObject[], { MinConfidence = MIN_CONFIDENCE, MaxLabels }: DetectLabelsRequest) {
  const certain = seen.filter(({ confidence }) => confidence >= MinConfidence);
  const names = [...new Set(certain.map(({ label }) => label))];
  const labels = names.map((name) => {
    const instances = certain.filter(({ label }) => label === name).sort((a, b) => b.confidence - a.confidence);
    return {
      Name: `${name[0].toUpperCase()}${name.slice(1)}`,
      Confidence: instances[0].confidence,
      Instances: instances.map(({ confidence, boundingBox: { left, top, width, height } }) => ({
        Confidence: confidence,
        BoundingBox: { Left: left, Top: top, Width: width, Height: height },
      })),
      Parents: [],
    };
  });
  return labels.sort((a, b) => b.Confidence - a.Confidence).slice(0, MaxLabels);
}

/** @throws ServiceError if it is more than there may be, or no image that the model reads */
function readable(image: Uint8Array): Uint8Array {
  if (image.length > MAX_IMAGE) throw new ServiceError('ImageTooLargeException', 'Input image size exceeds the limit');
  const isJpeg = image[0] === 0xff && image[1] === 0xd8;
  if (!isJpeg) throw new ServiceError('InvalidImageFormatException', 'Request has invalid image format');
  return image;
}

/** The thread that the model is in, which begins with the first picture. */
class ModelThread {
  private worker?: Worker;
  private asked = 0;
  private readonly waiting = new Map<number, { resolve(seen: SeenObject[]): void; reject(error: Error): void }>();

  detect(jpeg: Uint8Array): Promise<SeenObject[]> {
    const worker = this.start();
    const id = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ id, jpeg });
    });
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    if (this.worker) return this.worker;
    const files = [require.resolve('tsx/cjs'), join(__dirname, 'worker.ts')];
    const worker = new Worker(files.map((file) => `require(${JSON.stringify(file)});`).join(''), { eval: true });
    worker.on('message', ({ id, seen, error }: { id: number; seen: SeenObject[]; error?: string }) => {
      const { resolve, reject } = this.waiting.get(id)!;
      this.waiting.delete(id);
      if (error === undefined) resolve(seen);
      else reject(new ServiceError('InvalidImageFormatException', `Request has invalid image format: ${error}`));
    });
    worker.on('error', (error) => {
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
      this.worker = undefined;
    });
    worker.unref();
    this.worker = worker;
    return worker;
  }
}
