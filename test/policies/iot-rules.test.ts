import { cloudOfCell } from '../support/fleet';

const cloud = cloudOfCell();

describe.each([
  [
    'of registry events',
    'FleetMediaProvisionerThingRuleRole',
    'FleetMediaProvisionerWork',
    'FleetOnDeviceDetectionsWork',
  ],
  ['of detections', 'FleetOnDeviceDetectionsRuleRole', 'FleetOnDeviceDetectionsWork', 'FleetMediaProvisionerWork'],
])('the rule %s', (_what, principal, own, other) => {
  test('sends to its queue and its dead-letter queue only, by TLS, and reads none', async () => {
    for (const queue of ['Queue', 'DeadLetterQueue']) {
      const send = { principal, action: 'sqs:SendMessage' };
      await cloud.expectAllowed({ ...send, resource: own + queue });
      await cloud.expectDenied({ ...send, resource: other + queue });
      await cloud.expectDenied({ ...send, resource: own + queue, context: { 'aws:SecureTransport': 'false' } });
      for (const name of ['DeleteMessage', 'PurgeQueue', 'ReceiveMessage', 'SetQueueAttributes']) {
        await cloud.expectDenied({ principal, action: `sqs:${name}`, resource: own + queue });
      }
    }
    for (const resource of ['FramesWorkQueue', 'AlertsDeadLetterQueue']) {
      await cloud.expectDenied({ principal, action: 'sqs:SendMessage', resource });
    }
  });

  test('uses the key of the queues, and does not manage it', async () => {
    for (const name of ['Decrypt', 'GenerateDataKey']) {
      await cloud.expectAllowed({ principal, action: `kms:${name}`, resource: 'Key' });
    }
    await cloud.expectDenied({ principal, action: 'kms:ScheduleKeyDeletion', resource: 'Key' });
  });

  test('publishes nothing, and calls nothing', async () => {
    for (const [action, resource] of [
      ['sns:Publish', 'AlertsTopic'],
      ['lambda:InvokeFunction', 'FleetMediaProvisionerHandler'],
      ['iot:Publish', 'arn:aws:iot:eu-west-1:111122223333:topic/devices/drone-1/detections'],
    ]) {
      await cloud.expectDenied({ principal, action, resource });
      await cloud.expectAllowed({ principal: '111122223333', action, resource });
    }
  });

  describe('trusts AWS IoT', () => {
    const trust = {
      principal: 'iot.amazonaws.com',
      action: 'sts:AssumeRole',
      resource: principal,
      context: {
        'aws:SourceAccount': '111122223333',
        'aws:SourceArn': 'arn:aws:iot:eu-west-1:111122223333:rule/detections',
      },
    };

    test('for a rule of this account', async () => {
      await cloud.expectAllowed(trust);
    });

    test.each([
      ['another account', { 'aws:SourceAccount': '444455556666' }],
      ['a rule of another account', { 'aws:SourceArn': 'arn:aws:iot:eu-west-1:444455556666:rule/detections' }],
      ['a rule of another region', { 'aws:SourceArn': 'arn:aws:iot:us-east-1:111122223333:rule/detections' }],
      ['something that is no rule', { 'aws:SourceArn': 'arn:aws:iot:eu-west-1:111122223333:rolealias/detections' }],
      ['nobody', { 'aws:SourceAccount': '', 'aws:SourceArn': '' }],
    ])('but not for %s', async (_what, context) => {
      await cloud.expectDenied({ ...trust, context: { ...trust.context, ...context } });
    });

    test.each(['credentials.iot.amazonaws.com', 'events.amazonaws.com', '444455556666'])(
      'and not %s',
      async (other) => {
        await cloud.expectDenied({ ...trust, principal: other });
      },
    );
  });
});
