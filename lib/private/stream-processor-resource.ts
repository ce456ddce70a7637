import { Stack, Tags, Token, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStreamProcessor, type CfnStreamProcessorProps } from 'aws-cdk-lib/aws-rekognition';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { StreamProcessor } from '../detection/stream-processor';
import { VideoStreamGrants } from '../stream/video-stream-grants';
import { checkSameRegion } from './api-setting';
import { fail, lit } from './validation';

/** https://docs.aws.amazon.com/general/latest/gr/rekognition.html */
const REGIONS = ['ap-northeast-1', 'ap-south-1', 'eu-central-1', 'eu-west-1', 'us-east-1', 'us-east-2', 'us-west-2'];

export interface StreamProcessorResourceProps {
  readonly stream: refs.IStreamRef;
  readonly role?: iam.IRole;
  readonly shareDataWithAws?: boolean;
  readonly tags?: { [key: string]: string };
}

/** What a processor finds, and where it puts that. */
type Settings = Omit<CfnStreamProcessorProps, 'kinesisVideoStream' | 'name' | 'roleArn' | 'tags'>;

/** A processor that is made here: what is the same whatever it looks for. */
export abstract class StreamProcessorResource extends StreamProcessor {
  /** The role in which Rekognition reads the video stream and delivers the results. */
  public readonly role: iam.IRole;

  private readonly resource: CfnStreamProcessor;

  /**
   * @param settings are made when the processor has been checked
   * @param grants what the role needs for them
   */
  constructor(
    scope: Construct,
    id: string,
    props: StreamProcessorResourceProps,
    settings: (self: Construct) => Settings,
    grants: (role: iam.IRole) => iam.Grant[],
  ) {
    super(scope, id);
    this.checkAvailable();
    checkSameRegion(this, 'stream', props.stream.env.region);
    const { streamArn } = props.stream.streamRef;
    if (streamArn.endsWith('/*')) {
      fail(
        this,
        lit`StreamProcessorStream`,
        'Rekognition needs the whole ARN of the stream, with its time of creation; import the stream by its ARN.',
      );
    }
    const rendered = settings(this);
    this.role = props.role ?? this.newRole();
    const granted = [VideoStreamGrants.fromStream(props.stream).consumeMedia(this.role), ...grants(this.role)];
    this.resource = new CfnStreamProcessor(this, 'Resource', {
      ...rendered,
      kinesisVideoStream: { arn: streamArn },
      roleArn: this.role.roleArn,
      dataSharingPreference: { optIn: props.shareDataWithAws ?? false },
    });
    for (const grant of granted) grant.applyBefore(this.resource);
    for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(this.resource).add(key, value);
  }

  public get streamProcessorArn(): string {
    return this.getResourceArnAttribute(this.resource.attrArn, {
      service: 'rekognition',
      resource: 'streamprocessor',
      resourceName: this.physicalName,
    });
  }

  public get streamProcessorName(): string {
    return this.getResourceNameAttribute(this.resource.ref);
  }

  /**
   * How it stood when CloudFormation last looked: `STOPPED` at first, because CloudFormation doesn't start it.
   * @attribute
   */
  public get streamProcessorStatus(): string {
    return this.resource.attrStatus;
  }

  /**
   * Why it stood so.
   * @attribute
   */
  public get streamProcessorStatusMessage(): string {
    return this.resource.attrStatusMessage;
  }

  private checkAvailable(): void {
    Validations.of(this).addWarning(
      'cdk-kinesis-video:streamProcessorAvailability',
      'Rekognition gives stream processors to no new customers since 2026-04-30: accounts that have not used them in the 12 months before fail to deploy this. ImageDetector, which analyses images of the stream, is open to all.',
    );
    const { region } = Stack.of(this);
    if (Token.isUnresolved(region) || REGIONS.includes(region)) return;
    fail(
      this,
      lit`StreamProcessorRegion`,
      `Rekognition has no stream processors in ${region}; it has them in ${REGIONS.join(', ')}.`,
    );
  }

  private newRole(): iam.Role {
    const stack = Stack.of(this);
    return new iam.Role(this, 'Role', {
      description: 'Lets a stream processor of Rekognition read its video stream and deliver results',
      assumedBy: new iam.ServicePrincipal('rekognition.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          // The name of the processor is CloudFormation's, and the processor needs the role first.
          ArnLike: {
            'aws:SourceArn': stack.formatArn({
              service: 'rekognition',
              resource: 'streamprocessor',
              resourceName: '*',
            }),
          },
        },
      }),
    });
  }
}
