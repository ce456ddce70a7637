import { sportsCoaching } from '../../bin/sports-coaching';
import { CloudModel } from '../support/policy-simulator';
import { appWith } from '../support/reference-app';

const env = { account: '111122223333', region: 'eu-west-1' };
const stack = sportsCoaching(appWith({ stadium: { env, model: { endpointName: 'plays' } } }));
const cloud = CloudModel.of(stack);
const detector = { principal: 'PlaysHandlerServiceRole' };
const topic = (name: string) => `arn:aws:iot:eu-west-1:111122223333:topic/devices/${name}`;

test('what predicts asks where people are, and its own model', async () => {
  await cloud.expectAllowed({ ...detector, action: 'rekognition:DetectLabels', resource: '*' });
  await cloud.expectDenied({ ...detector, action: 'rekognition:DetectFaces', resource: '*' });
  const ask = { ...detector, action: 'sagemaker:InvokeEndpoint' };
  await cloud.expectAllowed({ ...ask, resource: 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/plays' });
  await cloud.expectDenied({ ...ask, resource: 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/plays-2' });
});

test('it keeps positions in a table of its own', async () => {
  for (const name of ['GetItem', 'PutItem']) {
    const request = { ...detector, action: `dynamodb:${name}` };
    await cloud.expectAllowed({ ...request, resource: 'PlaysHandlerPositions' });
    await cloud.expectDenied({ ...request, resource: 'FeedTable' });
  }
  await cloud.expectDenied({ ...detector, action: 'dynamodb:Scan', resource: 'PlaysHandlerPositions' });
});

test('only the feed publishes to coaches, and nothing else', async () => {
  const publish = { action: 'iot:Publish', resource: topic('camera-1/alerts') };
  await cloud.expectAllowed({ ...publish, principal: 'FeedHandlerServiceRole' });
  await cloud.expectDenied({ ...publish, ...detector });
  await cloud.expectDenied({ ...publish, principal: 'FeedHandlerServiceRole', resource: topic('camera-1/commands') });
});

test('cameras hear nothing, of coaches neither', async () => {
  const context = { 'iot:Connection.Thing.ThingName': 'camera-1', 'iot:Connection.Thing.IsAttached': 'true' };
  const device = { principal: 'IdentityPolicy', context };
  await cloud.expectAllowed({
    ...device,
    action: 'iot:Connect',
    resource: 'arn:aws:iot:eu-west-1:111122223333:client/camera-1',
  });
  for (const action of ['iot:Receive', 'iot:Publish']) {
    await cloud.expectDenied({ ...device, action, resource: topic('camera-1/alerts') });
  }
});
