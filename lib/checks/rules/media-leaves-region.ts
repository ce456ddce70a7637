import { mediaBuckets, settings, videoTopics } from '../kinds';
import { finding, type Finding, type Rule } from '../rule';
import type { CheckedTemplate, Resource } from '../template';
import { textsBelow } from '../values';

export const mediaLeavesRegion: Rule = {
  id: 'MediaLeavesRegion',
  severity: 'warning',
  title: 'Media, or what is said of it, leaves the region or may',
  why: 'Where people are filmed, the region is often promised to them or prescribed. A replica in another one is under other laws, and is forgotten when something has to be erased.',
  fix: 'Keep buckets, topics, queues and functions in the region of the stream, without replication. If it is meant so, acknowledge it with the reason.',
  unseen:
    'Targets that are known at deployment only, what e-mail, HTTPS and CloudFront bring elsewhere, and all but replication in a stack without a region.',
  link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html',
  *check(template) {
    for (const bucket of mediaBuckets(template)) {
      const rules = [bucket.properties.ReplicationConfiguration?.Rules ?? []].flat();
      // The ARN of a bucket doesn't say where it is.
      if (rules.some((rule) => rule?.Status !== 'Disabled')) {
        yield finding(bucket, 'Properties.ReplicationConfiguration');
      }
    }
    for (const images of settings(template, 'ImageGeneration')) yield* elsewhere(template, images, '');
    for (const processor of template.all('AWS::Rekognition::StreamProcessor'))
      yield* elsewhere(template, processor, '');
    for (const rule of template.all('AWS::IoT::TopicRule')) yield* elsewhere(template, rule, 'TopicRulePayload');
    for (const topic of videoTopics(template)) {
      yield* elsewhere(template, topic, 'Subscription');
      for (const subscription of template.all('AWS::SNS::Subscription')) {
        if (!template.referred(subscription.properties.TopicArn, topic.type).includes(topic)) continue;
        yield* elsewhere(template, subscription, 'Endpoint');
      }
    }
    for (const rule of template.all('AWS::Events::Rule')) {
      if (tellsOfMedia(template, rule)) yield* elsewhere(template, rule, 'Targets');
    }
  },
};

/** Whether something is named that is in another region than the template. */
function* elsewhere(template: CheckedTemplate, resource: Resource, property: string): Generator<Finding> {
  const { region } = template;
  const value: unknown = property ? resource.properties[property] : resource.properties;
  const other = textsBelow(value)
    .flatMap(regionIn)
    .find((named) => named !== region);
  if (region === undefined || other === undefined) return;
  yield finding(resource, property ? `Properties.${property}` : 'Properties', other);
}

/** The region of an ARN, of the URL of a queue, or of nothing else. */
function regionIn(text: string): string[] {
  const [, ofArn, ofQueue, alone] =
    /^(?:arn:[\w-]+:[\w-]+:([a-z0-9-]+):|https:\/\/sqs\.([a-z0-9-]+)\.|([a-z]{2}(?:-[a-z]+)+-\d)$)/.exec(text) ?? [];
  return [ofArn ?? ofQueue ?? alone].filter((region) => region !== undefined);
}

function tellsOfMedia(template: CheckedTemplate, { properties: { EventPattern: pattern } }: Resource): boolean {
  if (textsBelow(pattern).some((text) => /^aws\.(kinesisvideo|rekognition)$/.test(text))) return true;
  const media = mediaBuckets(template);
  return template.referred(pattern, 'AWS::S3::Bucket').some((bucket) => media.includes(bucket));
}
