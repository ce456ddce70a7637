import { Fn, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AlertTopic, FrameAnalyser, FrameStore, ImageDetector, ModelEndpoint } from '../../lib';
import { BIRDS } from '../support/fleet';
import { CloudModel } from '../support/policy-simulator';
import { testStack } from '../support/template';

const DETECTOR = 'DetectorHandlerServiceRole';
const MODEL = 'arn:aws:rekognition:eu-west-1:111122223333:project/wires/version/wires.2026/1795514400000';
const ENDPOINT = 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/wires';

function detectorIn(stack: Stack, analyser?: FrameAnalyser, keepEvidence?: boolean): CloudModel {
  new ImageDetector(stack, 'Detector', {
    fleetName: 'delivery',
    frames: new FrameStore(stack, 'Frames', { encryptionKey: new kms.Key(stack, 'Key') }),
    obstacles: BIRDS,
    alerts: new AlertTopic(stack, 'Alerts'),
    analyser,
    keepEvidence,
  });
  return CloudModel.of(stack);
}

function functionIn(stack: Stack, id: string): lambda.Function {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
  });
}

const endpoint = (name: string, stack = testStack()) =>
  FrameAnalyser.endpoint({ endpoint: ModelEndpoint.fromEndpointName(stack, 'Endpoint', name) });

/** What each of the analysers asks. */
const CALLS = [
  ['rekognition:DetectLabels', '*'],
  ['rekognition:DetectCustomLabels', MODEL],
  ['sagemaker:InvokeEndpoint', ENDPOINT],
] as const;

// Made before the tests: the first model of a file takes its time.
const LABELS = detectorIn(testStack());

test.each<[string, FrameAnalyser | undefined, (typeof CALLS)[number] | undefined]>([
  ['labels', undefined, CALLS[0]],
  ['custom labels', FrameAnalyser.customLabels({ projectVersionArn: MODEL }), CALLS[1]],
  ['an endpoint, whose name is in lower case in its ARN', endpoint('Wires'), CALLS[2]],
  ['thermal frames', FrameAnalyser.thermal({ coldest: 0, hottest: 100, hotspotAbove: 50 }), undefined],
])('of %s: the detector may call what it asks, and nothing else', async (_what, analyser, own) => {
  const cloud = analyser ? detectorIn(testStack(), analyser) : LABELS;
  for (const call of CALLS) {
    const [action, resource] = call;
    const request = { principal: DETECTOR, action, resource };
    await (call === own ? cloud.expectAllowed(request) : cloud.expectDenied(request));
  }
  await cloud.expectDenied({ principal: DETECTOR, action: 'lambda:InvokeFunction', resource: 'DetectorHandler' });
});

test.each([
  ['rekognition:DetectCustomLabels', FrameAnalyser.customLabels({ projectVersionArn: MODEL }), MODEL],
  ['sagemaker:InvokeEndpoint', endpoint('wires'), ENDPOINT],
])('%s is allowed on the one model', async (action, analyser, resource) => {
  const cloud = detectorIn(testStack(), analyser);
  const request = { principal: DETECTOR, action, resource };
  await cloud.expectAllowed(request);
  await cloud.expectDenied({ ...request, resource: `${resource}1` });
  await cloud.expectDenied({ ...request, resource: resource.replace('wires', 'poles') });
  await cloud.expectDenied({ ...request, resource: resource.replace('111122223333', '444455556666') });
});

test('an endpoint whose name is known at deployment only is named as it is', async () => {
  const stack = testStack();
  const endpointName = Fn.join('-', ['power', 'lines']);
  const cloud = detectorIn(stack, endpoint(endpointName, stack));
  const request = { principal: DETECTOR, action: 'sagemaker:InvokeEndpoint' };
  await cloud.expectAllowed({ ...request, resource: ENDPOINT.replace('wires', 'power-lines') });
  await cloud.expectDenied({ ...request, resource: ENDPOINT });
});

test("a function of one's own is invoked by the detector, and reads frames but no evidence", async () => {
  const stack = testStack();
  functionIn(stack, 'Other');
  const cloud = detectorIn(stack, FrameAnalyser.function(functionIn(stack, 'Own')));
  const invoke = { principal: DETECTOR, action: 'lambda:InvokeFunction' };
  await cloud.expectAllowed({ ...invoke, resource: cloud.arn(/\/Own[0-9A-F]{8}$/) });
  await cloud.expectDenied({ ...invoke, resource: cloud.arn(/\/Other[0-9A-F]{8}$/) });

  const bucket = cloud.arn('FramesBucket');
  const read = { principal: 'OwnServiceRole', action: 's3:GetObject', resource: `${bucket}/frames/drone-1/1.jpg` };
  await cloud.expectAllowed(read);
  await cloud.expectDenied({ ...read, resource: `${bucket}/evidence/drone-1/1.jpg` });
  await cloud.expectDenied({ ...read, action: 's3:PutObject' });
  await cloud.expectAllowed({ ...read, action: 'kms:Decrypt', resource: 'Key' });
  await cloud.expectDenied({ ...read, action: 'kms:GenerateDataKey', resource: 'Key' });
});

test.each([true, false])('evidence is written and read again if that is wanted: %s', async (wanted) => {
  const cloud = detectorIn(testStack(), undefined, wanted);
  const bucket = cloud.arn('FramesBucket');
  for (const action of ['s3:PutObject', 's3:GetObject']) {
    const request = { principal: DETECTOR, action, resource: `${bucket}/evidence/drone-1/1.jpg` };
    await (wanted ? cloud.expectAllowed(request) : cloud.expectDenied(request));
  }
  await cloud.expectAllowed({
    principal: DETECTOR,
    action: 's3:GetObject',
    resource: `${bucket}/frames/drone-1/1.jpg`,
  });
});
