import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { MediaAuditTrail, MediaAuditTrailGrants } from '../../lib';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const CLOUDTRAIL = 'cloudtrail.amazonaws.com';
const TRAIL = 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/media';
/** Another trail of the account, and one of the same name in another. */
const OTHER_TRAILS = [
  `${TRAIL}2`,
  TRAIL.replace('111122223333', '444455556666'),
  TRAIL.replace('eu-west-1', 'us-east-1'),
];

const stack = testStack();
const auditor = new iam.Role(stack, 'Auditor', { assumedBy: new iam.AccountRootPrincipal() });
new iam.Role(stack, 'Nobody', { assumedBy: new iam.AccountRootPrincipal() });
const viewing = new logs.LogGroup(stack, 'ViewingLogs');
new logs.LogGroup(stack, 'OtherLogs');
new kms.Key(stack, 'OtherKey');
const trail = new MediaAuditTrail(stack, 'Audit', {
  trailName: 'media',
  auditLogs: [viewing],
  logRetention: logs.RetentionDays.ONE_MONTH,
});
MediaAuditTrailGrants.fromTrail(trail).readRecords(auditor).assertSuccess();
const cloud = CloudModel.of(stack);
const records = cloud.arn('AuditLogs');
const answers = cloud.arn('AuditQueriesResults');

describe('CloudTrail', () => {
  const acl = { 's3:x-amz-acl': 'bucket-owner-full-control' };
  const put = {
    principal: CLOUDTRAIL,
    action: 's3:PutObject',
    resource: `${records}/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/24/file.json.gz`,
  };

  test('writes the records of this trail', async () => {
    await cloud.expectAllowed({ ...put, context: { ...acl, 'aws:SourceArn': TRAIL } });
    for (const other of OTHER_TRAILS) {
      await cloud.expectDenied({ ...put, context: { ...acl, 'aws:SourceArn': other } });
    }
    await cloud.expectDenied({ ...put, context: acl });
  });

  test('writes them to the place of this account, as the bucket owner’s, by TLS', async () => {
    const context = { ...acl, 'aws:SourceArn': TRAIL };
    await cloud.expectDenied({ ...put, context, resource: put.resource.replace('111122223333', '444455556666') });
    await cloud.expectDenied({ ...put, context, resource: `${answers}/AWSLogs/111122223333/file.json.gz` });
    await cloud.expectDenied({ ...put, context: { 'aws:SourceArn': TRAIL } });
    await cloud.expectDenied({ ...put, context: { ...context, 'aws:SecureTransport': 'false' } });
  });

  test('sees who owns the bucket', async () => {
    const request = { principal: CLOUDTRAIL, action: 's3:GetBucketAcl', resource: 'AuditLogs' };
    await cloud.expectAllowed({ ...request, context: { 'aws:SourceArn': TRAIL } });
    for (const other of OTHER_TRAILS) await cloud.expectDenied({ ...request, context: { 'aws:SourceArn': other } });
  });

  test('reads and deletes nothing', async () => {
    const context = { ...acl, 'aws:SourceArn': TRAIL };
    for (const name of ['GetObject', 'DeleteObject'])
      await cloud.expectDenied({ ...put, context, action: `s3:${name}` });
    await cloud.expectAllowed({ ...put, context });
  });

  test('encrypts with the key for this trail', async () => {
    const request = { principal: CLOUDTRAIL, action: 'kms:GenerateDataKey', resource: 'AuditKey' };
    const of = (source: string, encrypted: string) => ({
      'aws:SourceArn': source,
      'kms:EncryptionContext:aws:cloudtrail:arn': encrypted,
    });
    await cloud.expectAllowed({ ...request, context: of(TRAIL, TRAIL) });
    for (const other of OTHER_TRAILS) {
      await cloud.expectDenied({ ...request, context: of(other, TRAIL) });
      await cloud.expectDenied({ ...request, context: of(TRAIL, other) });
    }
    await cloud.expectDenied({ ...request, action: 'kms:Decrypt', context: of(TRAIL, TRAIL) });
    await cloud.expectDenied({ ...request, resource: 'OtherKey', context: of(TRAIL, TRAIL) });
  });

  test('sees that the key is there', async () => {
    const request = { principal: CLOUDTRAIL, action: 'kms:DescribeKey', resource: 'AuditKey' };
    await cloud.expectAllowed({ ...request, context: { 'aws:SourceArn': TRAIL } });
    for (const other of OTHER_TRAILS) await cloud.expectDenied({ ...request, context: { 'aws:SourceArn': other } });
  });

  test('brings records to its stream of the log group, in the name of this trail only', async () => {
    const group = cloud.arn('AuditLive').replace(/:\*$/, '');
    const write = { principal: 'AuditDeliveryRole', action: 'logs:PutLogEvents' };
    const own = `${group}:log-stream:111122223333_CloudTrail_eu-west-1`;
    await cloud.expectAllowed({ ...write, resource: own });
    await cloud.expectAllowed({ ...write, action: 'logs:CreateLogStream', resource: own });
    await cloud.expectDenied({ ...write, resource: `${group}:log-stream:other` });
    await cloud.expectDenied({ ...write, action: 'logs:DeleteLogStream', resource: own });

    const assume = { principal: CLOUDTRAIL, action: 'sts:AssumeRole', resource: 'AuditDeliveryRole' };
    const ofThis = { 'aws:SourceArn': TRAIL, 'aws:SourceAccount': '111122223333' };
    await cloud.expectAllowed({ ...assume, context: ofThis });
    for (const other of OTHER_TRAILS) {
      await cloud.expectDenied({ ...assume, context: { ...ofThis, 'aws:SourceArn': other } });
    }
  });
});

test('CloudWatch Logs encrypts groups of this account', async () => {
  const request = { principal: 'logs.eu-west-1.amazonaws.com', action: 'kms:GenerateDataKey', resource: 'AuditKey' };
  const of = (account: string) => ({
    'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:eu-west-1:${account}:log-group:media`,
  });
  await cloud.expectAllowed({ ...request, context: of('111122223333') });
  await cloud.expectDenied({ ...request, context: of('444455556666') });
  await cloud.expectDenied({ ...request, principal: 'logs.us-east-1.amazonaws.com', context: of('111122223333') });
});

describe('an auditor', () => {
  const database = Object.keys(Template.fromStack(stack).findResources('AWS::Glue::Database'))[0];
  const glue = 'arn:aws:glue:eu-west-1:111122223333';
  const name = cloud.arn(database).split('/').at(-1)!;
  const viaS3 = { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' };

  test.each([
    ['athena:StartQueryExecution', cloud.arn('AuditQueriesWorkgroup')],
    ['athena:GetQueryResults', cloud.arn('AuditQueriesWorkgroup')],
    ['athena:GetNamedQuery', cloud.arn('AuditQueriesWorkgroup')],
    ['glue:GetTable', `${glue}:catalog`],
    ['glue:GetTable', `${glue}:database/${name}`],
    ['glue:GetTable', `${glue}:table/${name}/cloudtrail`],
    ['s3:ListBucket', records],
    ['s3:GetObject', `${records}/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/24/file.json.gz`],
    ['s3:GetObject', `${answers}/answers/1.csv`],
    ['s3:PutObject', `${answers}/answers/1.csv`],
    ['logs:StartQuery', cloud.arn('ViewingLogs')],
    ['logs:StartQuery', cloud.arn('AuditLive')],
    ['logs:GetQueryResults', '*'],
  ])('may %s on %s', async (action, resource) => {
    await cloud.expectAllowed({ principal: 'Auditor', action, resource });
    await cloud.expectDenied({ principal: 'Nobody', action, resource });
  });

  test.each([
    ['athena:StartQueryExecution', 'arn:aws:athena:eu-west-1:111122223333:workgroup/primary'],
    ['athena:UpdateWorkGroup', cloud.arn('AuditQueriesWorkgroup')],
    ['athena:DeleteNamedQuery', cloud.arn('AuditQueriesWorkgroup')],
    ['glue:GetTable', `${glue}:table/${name}/others`],
    ['glue:GetTable', `${glue}:table/others/cloudtrail`],
    ['glue:UpdateTable', `${glue}:table/${name}/cloudtrail`],
    ['s3:PutObject', `${records}/AWSLogs/111122223333/file.json.gz`],
    ['s3:DeleteObject', `${records}/AWSLogs/111122223333/file.json.gz`],
    ['s3:DeleteObject', `${answers}/answers/1.csv`],
    ['s3:BypassGovernanceRetention', `${records}/AWSLogs/111122223333/file.json.gz`],
    ['logs:StartQuery', cloud.arn('OtherLogs')],
    ['logs:DeleteLogGroup', cloud.arn('AuditLive')],
    ['cloudtrail:StopLogging', TRAIL],
    ['kinesisvideo:GetMedia', 'arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1700000000000'],
  ])('may not %s on %s', async (action, resource) => {
    await cloud.expectDenied({ principal: 'Auditor', action, resource });
  });

  test('decrypts records and encrypts answers, by way of S3 only', async () => {
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
      const request = { principal: 'Auditor', action, resource: 'AuditKey' };
      await cloud.expectAllowed({ ...request, context: viaS3 });
      await cloud.expectDenied(request);
      await cloud.expectDenied({ ...request, resource: 'OtherKey', context: viaS3 });
      await cloud.expectDenied({ ...request, principal: 'Nobody', context: viaS3 });
    }
    const request = { principal: 'Auditor', action: 'kms:ScheduleKeyDeletion', resource: 'AuditKey' };
    await cloud.expectDenied({ ...request, context: viaS3 });
  });
});

test('without log groups, an auditor may do nothing with logs', async () => {
  const alone = testStack();
  const role = new iam.Role(alone, 'Auditor', { assumedBy: new iam.AccountRootPrincipal() });
  new MediaAuditTrail(alone, 'Audit').grants.readRecords(role).assertSuccess();
  const { policies } = CloudModel.of(alone).identityPolicies('Auditor');
  expect(JSON.stringify(policies)).toContain('athena:');
  expect(JSON.stringify(policies)).not.toContain('logs:');
});
