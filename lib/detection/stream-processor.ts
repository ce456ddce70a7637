import { ArnFormat, Resource, Stack, type IResource } from 'aws-cdk-lib';
import type { aws_rekognition as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { checkPattern, lit } from '../private/validation';
import { StreamProcessorGrants } from './stream-processor-grants';

/**
 * A stream processor of Rekognition: it watches one video stream while it is started.
 */
export interface IStreamProcessor extends IResource, refs.IStreamProcessorRef {
  /**
   * The ARN.
   * @attribute
   */
  readonly streamProcessorArn: string;

  /**
   * The name, by which it is started and stopped.
   * @attribute
   */
  readonly streamProcessorName: string;

  /** Permissions on the processor. */
  readonly grants: StreamProcessorGrants;
}

/**
 * What all stream processors have. Made with `LabelDetector` and `FaceSearch`, or imported.
 */
export abstract class StreamProcessor extends Resource implements IStreamProcessor {
  /** Imports a processor by its ARN. */
  public static fromStreamProcessorArn(scope: Construct, id: string, streamProcessorArn: string): IStreamProcessor {
    class Import extends StreamProcessor {
      public readonly streamProcessorArn = streamProcessorArn;
      public readonly streamProcessorName = Stack.of(this).splitArn(streamProcessorArn, ArnFormat.SLASH_RESOURCE_NAME)
        .resourceName!;
    }
    return new Import(scope, id, { environmentFromArn: streamProcessorArn });
  }

  /**
   * Imports a processor of the stack's account and region by its name.
   * @throws ValidationError `StreamProcessorName` unless the name is 1 to 128 of `a-z A-Z 0-9 _ . -`
   */
  public static fromStreamProcessorName(scope: Construct, id: string, streamProcessorName: string): IStreamProcessor {
    const name = /^[a-zA-Z0-9_.-]{1,128}$/;
    const rule = '1 to 128 of a-z A-Z 0-9 _ . -';
    checkPattern(scope, lit`StreamProcessorName`, 'streamProcessorName', streamProcessorName, name, rule);
    const resourceName = streamProcessorName;
    return StreamProcessor.fromStreamProcessorArn(
      scope,
      id,
      Stack.of(scope).formatArn({ service: 'rekognition', resource: 'streamprocessor', resourceName }),
    );
  }

  public abstract readonly streamProcessorArn: string;
  public abstract readonly streamProcessorName: string;

  public get streamProcessorRef(): refs.StreamProcessorReference {
    return { streamProcessorArn: this.streamProcessorArn, streamProcessorName: this.streamProcessorName };
  }

  public get grants(): StreamProcessorGrants {
    return StreamProcessorGrants.fromStreamProcessor(this);
  }
}
