import { frameAnalysisRequest } from '../../lambda/image-detector/frame-analysis';
import { ObjectModel } from '../../local/cloud/rekognition/object-model';

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
