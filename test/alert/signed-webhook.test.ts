import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { SignedWebhook } from '../../lib';
import { codedError, deployed, environments } from '../support/fleet';
import { Template, testStack } from '../support/template';

test('messages wait in an encrypted queue, and one that is not taken is kept, with an alarm', () => {
  const stack = testStack();
  const encryptionKey = new Key(stack, 'Key');
  const secret = new Secret(stack, 'Secret');
  const webhook = new SignedWebhook(stack, 'Webhook', { url: 'https://example.com/in', secret, encryptionKey });
  const queues = deployed('AWS::SQS::Queue', stack);
  expect(queues).toHaveLength(2);
  const [key] = deployed('AWS::KMS::Key', stack);
  for (const queue of queues) expect(queue.get('KmsMasterKeyId')).toBe(key.arn);
  expect(environments(stack)['signed-webhook']).toMatchObject({
    WEBHOOK_URL: 'https://example.com/in',
    SECRET_ARN: deployed('AWS::SecretsManager::Secret', stack)[0].attribute('Ref'),
  });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Dimensions: [{ Name: 'QueueName', Value: stack.resolve(webhook.deadLetterQueue.queueName) }],
  });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 1,
    ScalingConfig: { MaximumConcurrency: 5 },
  });
});

test.each(['http://example.com', 'https://', 'https://user:password@example.com', 'example.com'])(
  '%s is no address',
  (url) => {
    const stack = testStack();
    const secret = new Secret(stack, 'Secret');
    expect(() => new SignedWebhook(stack, 'Webhook', { url, secret })).toThrow(
      codedError('WebhookUrl', /must begin with https/, 'Test/Webhook'),
    );
  },
);
