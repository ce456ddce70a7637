import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStreamProcessor } from 'aws-cdk-lib/aws-rekognition';
import type { aws_rekognition as refs } from 'aws-cdk-lib/interfaces';

/**
 * Permissions on a stream processor.
 *
 * Works on a `LabelDetector`, a `FaceSearch`, an imported processor and a raw `CfnStreamProcessor`.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
 */
export class StreamProcessorGrants {
  /** Grants on the given processor. */
  public static fromStreamProcessor(streamProcessor: refs.IStreamProcessorRef): StreamProcessorGrants {
    return new StreamProcessorGrants(streamProcessor);
  }

  private constructor(private readonly streamProcessor: refs.IStreamProcessorRef) {}

  /** To start and stop the analysis, and to see how it stands: nothing but these calls does. */
  public startStop(grantee: iam.IGrantable): iam.Grant {
    return this.actions(
      grantee,
      'rekognition:DescribeStreamProcessor',
      'rekognition:StartStreamProcessor',
      'rekognition:StopStreamProcessor',
    );
  }

  /** To see whether it runs, and why it failed: DescribeStreamProcessor. */
  public describe(grantee: iam.IGrantable): iam.Grant {
    return this.actions(grantee, 'rekognition:DescribeStreamProcessor');
  }

  /** Any other actions on the processor. */
  public actions(grantee: iam.IGrantable, ...actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [CfnStreamProcessor.arnForStreamProcessor(this.streamProcessor)],
    });
  }
}
