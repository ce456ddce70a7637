import { covers, trustOf } from './policies';
import type { CheckedTemplate, Resource } from './template';
import { textsBelow } from './values';

/** The service that hands out the credentials of a role to devices with a certificate. */
export const CREDENTIALS_PROVIDER = 'credentials.iot.amazonaws.com';

/**
 * Custom resources that make a setting of Kinesis Video Streams: those of this package, and those of the CDK that call the
 * API, which have the call in their text.
 *
 * @param what as in the name of the call, `Update…Configuration`
 */
export function settings(template: CheckedTemplate, what: string): Resource[] {
  const call = new RegExp(`update${what}Configuration`, 'i');
  return template.resources.filter(({ type, properties }) => {
    if (type.startsWith(`Custom::KinesisVideo${what}`)) return true;
    return type === 'Custom::AWS' && call.test(textsBelow([properties.Create, properties.Update]).join());
  });
}

/** The roles of devices. */
export function deviceRoles(template: CheckedTemplate): Resource[] {
  return template.all('AWS::IAM::Role').filter((role) => trustOf(role, CREDENTIALS_PROVIDER).length > 0);
}

/** Buckets that images of streams or frames of a stream processor are put in. */
export function mediaBuckets(template: CheckedTemplate): Resource[] {
  const values = [
    ...settings(template, 'ImageGeneration').map(({ properties }) => properties),
    ...template.all('AWS::Rekognition::StreamProcessor').map(({ properties }) => properties.S3Destination),
    ...resourcesOfDevices(template, 's3:PutObject'),
  ];
  return template.referred(values, 'AWS::S3::Bucket');
}

/** Buckets that the CDK empties before they are deleted. */
export function emptiedBuckets(template: CheckedTemplate): Resource[] {
  const emptied = template.all('Custom::S3AutoDeleteObjects').map(({ properties }) => properties.BucketName);
  return template.referred(emptied, 'AWS::S3::Bucket');
}

/** Topics that streams, devices or stream processors publish to. */
export function videoTopics(template: CheckedTemplate): Resource[] {
  const values = [
    ...settings(template, 'Notification').map(({ properties }) => properties),
    ...template.all('AWS::Rekognition::StreamProcessor').map(({ properties }) => properties.NotificationChannel),
    ...template.all('AWS::IoT::TopicRule').map(({ properties }) => properties.TopicRulePayload?.Actions),
    ...resourcesOfDevices(template, 'sns:Publish'),
  ];
  return template.referred(values, 'AWS::SNS::Topic');
}

/** The policies that are attached to a bucket or topic. */
export function policiesOf(template: CheckedTemplate, resource: Resource): Resource[] {
  return template
    .all('AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy')
    .filter(({ properties }) =>
      template.referred([properties.Bucket, properties.Topics], resource.type).includes(resource),
    );
}

function resourcesOfDevices(template: CheckedTemplate, action: string): unknown[] {
  const allowed = deviceRoles(template).flatMap((role) => template.allowedTo(role));
  return allowed.filter((statement) => covers(statement, action)).map(({ rawResources }) => rawResources);
}
