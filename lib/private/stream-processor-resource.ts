import { Stack, Tags, Token, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnStreamProcessor, type CfnStreamProcessorProps } from 'aws-cdk-lib/aws-rekognition';
import type { aws_kinesisvideo as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
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

type Settings = Omit<CfnStreamProcessorProps, 'kinesisVideoStream' | 'name' | 'roleArn' | 'tags'>;

export interface StreamProcessorResource {
  readonly resource: CfnStreamProcessor;
  readonly role: iam.IRole;
}

/**
 * Makes a processor: what is the same whatever it looks for.
 *
 * @param settings what it looks for, and where it puts what it finds
 * @param grants what the role needs for that
 */
export function streamProcessorResource(
  scope: Construct,
  props: StreamProcessorResourceProps,
  settings: Settings,
  grants: (role: iam.IRole) => iam.Grant[],
): StreamProcessorResource {
  checkAvailable(scope);
  const streamArn = wholeArn(scope, props.stream);
  const role = props.role ?? newRole(scope);
  const granted = [VideoStreamGrants.fromStream(props.stream).consumeMedia(role), ...grants(role)];
  // eslint-disable-next-line awscdk/require-passing-this -- it is made for the construct that is given
  const resource = new CfnStreamProcessor(scope, 'Resource', {
    ...settings,
    kinesisVideoStream: { arn: streamArn },
    roleArn: role.roleArn,
    dataSharingPreference: { optIn: props.shareDataWithAws ?? false },
  });
  for (const grant of granted) grant.applyBefore(resource);
  for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(resource).add(key, value);
  return { resource, role };
}

function checkAvailable(scope: Construct): void {
  Validations.of(scope).addWarning(
    'cdk-kinesis-video:streamProcessorAvailability',
    'Rekognition gives stream processors to no new customers since 2026-04-30: accounts that have not used them in the 12 months before fail to deploy this. ImageDetector, which analyses images of the stream, is open to all.',
  );
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region) || REGIONS.includes(region)) return;
  fail(
    scope,
    lit`StreamProcessorRegion`,
    `Rekognition has no stream processors in ${region}; it has them in ${REGIONS.join(', ')}.`,
  );
}

function wholeArn(scope: Construct, stream: refs.IStreamRef): string {
  checkSameRegion(scope, 'stream', stream.env.region);
  const { streamArn } = stream.streamRef;
  if (!streamArn.endsWith('/*')) return streamArn;
  fail(
    scope,
    lit`StreamProcessorStream`,
    'Rekognition needs the whole ARN of the stream, with its time of creation; import the stream by its ARN.',
  );
}

function newRole(scope: Construct): iam.Role {
  const stack = Stack.of(scope);
  // eslint-disable-next-line awscdk/require-passing-this -- it is made for the construct that is given
  return new iam.Role(scope, 'Role', {
    description: 'Lets a stream processor of Rekognition read its video stream and deliver results',
    assumedBy: new iam.ServicePrincipal('rekognition.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        // The name of the processor is CloudFormation's, and the processor needs the role first.
        ArnLike: {
          'aws:SourceArn': stack.formatArn({ service: 'rekognition', resource: 'streamprocessor', resourceName: '*' }),
        },
      },
    }),
  });
}
