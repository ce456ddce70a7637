import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Validations, attachCustomSynthesis } from 'aws-cdk-lib';
import { Dashboard, GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { CfnSignalingChannel, CfnStream } from 'aws-cdk-lib/aws-kinesisvideo';
import { Key } from 'aws-cdk-lib/aws-kms';
import { KinesisVideoChecks, SignalingChannel, VideoStream } from '../lib';
import { acknowledgeFindings } from './acknowledgements';
import { channelProps, readExisting, streamProps } from './existing';

const reason = 'The key of a stream that exists can not be changed.';

/** Takes over streams and channels that exist, or refers to them: `-c existing=<file>`, as docs/migration.md has it. */
export function migrate(app: App): Stack {
  const { StackName, StreamInfoList, ChannelInfoList } = readExisting(app);
  Validations.of(app).addPlugins(new KinesisVideoChecks());
  const stack = new Stack(app, StackName, { terminationProtection: true });
  const imported: Record<string, { Name: string }> = {};
  const takeOver = (resource: CfnStream | CfnSignalingChannel, Name: string, logicalId?: string) => {
    if (logicalId) resource.overrideLogicalId(logicalId);
    else imported[stack.getLogicalId(resource)] = { Name };
  };

  const streams = StreamInfoList.map((info) => {
    const { StreamName: name, StreamARN: streamArn, KmsKeyId: arn } = info;
    const encryptionKey = arn.includes(':key/') ? Key.fromKeyArn(stack, `Key-${name}`, arn) : undefined;
    if (!info.Owned) return VideoStream.fromStreamAttributes(stack, `Other-${name}`, { streamArn, encryptionKey });
    const stream = new VideoStream(stack, `Stream-${name}`, { ...streamProps(info), encryptionKey });
    const resource = stream.node.defaultChild as CfnStream;
    // Nothing that the stream doesn't have: the construct would give it a type.
    resource.mediaType = info.MediaType ?? undefined;
    if (!encryptionKey) Validations.of(resource).acknowledge({ id: 'KinesisVideoChecks::StreamKey', reason });
    takeOver(resource, name, info.LogicalId);
    return stream;
  });
  for (const info of ChannelInfoList) {
    const channel = new SignalingChannel(stack, `Channel-${info.ChannelName}`, channelProps(info));
    takeOver(channel.node.defaultChild as CfnSignalingChannel, info.ChannelName, info.LogicalId);
  }

  const review = new ManagedPolicy(stack, 'Review', { description: 'Watches the streams, and nothing else' });
  streams.forEach(({ grants }, index) => {
    // What isn't kept can't be played, but watched as it comes.
    if (StreamInfoList[index].DataRetentionInHours > 0) grants.hlsPlayback(review);
    else grants.consumeMedia(review);
  });
  const left = streams.map((stream) => stream.metricPutMediaIncomingBytes());
  new Dashboard(stack, 'Dashboard', { widgets: [[new GraphWidget({ title: 'Bytes received', left, width: 24 })]] });
  const mapping = JSON.stringify(imported, undefined, 2);
  attachCustomSynthesis(review, {
    onSynthesize: ({ outdir }) => writeFileSync(join(outdir, `${StackName}.import.json`), mapping),
  });
  acknowledgeFindings(stack);
  return stack;
}

if (require.main === module) migrate(new App());
