import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { frameAnalysisRequest } from '../../lambda/image-detector/frame-analysis';
import { ObjectModel, PACKAGE } from '../../local/cloud/rekognition/object-model';

export function picture(name: string): Buffer {
  return readFileSync(join(PACKAGE, 'assets', name));
}

/** A model that answers as a function that analyses frames. */
export class LocalModel {
  static async load(): Promise<LocalModel> {
    return new LocalModel(await ObjectModel.load());
  }

  private constructor(private readonly model: ObjectModel) {}

  /** @param read the frame, as the function would from S3 */
  async invoke(event: unknown, read: (bucket: string, key: string) => Promise<Buffer>): Promise<object> {
    const { bucket, key } = frameAnalysisRequest.parse(event);
    return { schemaVersion: '1.0', detections: await this.model.detect(await read(bucket, key)) };
  }
}
