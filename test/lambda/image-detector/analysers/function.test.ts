import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { UnusableMessage } from '../../../../lambda/common/queue-worker';
import { lambdaFunction } from '../../../../lambda/image-detector/analysers/function';
import { frameAnalysisRequest } from '../../../../lambda/image-detector/frame-analysis';
import { FRAME } from '../../../support/frame-detector';

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:own';
const client = new LambdaClient({ region: 'eu-west-1' });
const lambda = mockClient(client);
const analyser = lambdaFunction({ kind: 'function', functionArn: ARN }, { lambda: client });

beforeEach(() => lambda.reset());

function returns(content: unknown, FunctionError?: string): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const Payload = Object.assign(Buffer.from(text), { transformToString: () => text });
  lambda.on(InvokeCommand).resolves({ StatusCode: 200, Payload, FunctionError });
}

async function failure(): Promise<Error> {
  return analyser.analyse(FRAME).then(
    () => Promise.reject(new Error('There should be an error.')),
    (error: Error) => error,
  );
}

test('it is told where the frame is, and of whom', async () => {
  returns({ schemaVersion: '1.0', detections: [] });
  expect(await analyser.analyse({ ...FRAME, camera: 'front' })).toEqual([]);
  expect(await analyser.analyse(FRAME)).toEqual([]);
  const requests = lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => {
    expect(input.FunctionName).toBe(ARN);
    // It is waited for.
    expect(input.InvocationType).toBeUndefined();
    return frameAnalysisRequest.parse(JSON.parse(String(input.Payload)));
  });
  const { bucket, key, device } = FRAME;
  const common = { schemaVersion: '1.0', bucket, key, device, capturedAt: '2026-11-24T10:00:00.000Z' };
  expect(requests).toEqual([{ ...common, camera: 'front' }, common]);
});

test('what it saw is taken as it is', async () => {
  const detections = [
    { label: 'wire', confidence: 87.5, boundingBox: { left: 0, top: 0.5, width: 1, height: 0.125 } },
    { label: 'leak', confidence: 100, value: -4.25 },
  ];
  returns({ schemaVersion: '1.0', detections });
  expect(await analyser.analyse(FRAME)).toEqual(detections);
});

const seen = (more: object) => ({ schemaVersion: '1.0', detections: [{ label: 'wire', confidence: 90, ...more }] });
test.each<[string, unknown, RegExp]>([
  ['nothing', '', /not JSON/],
  ['null', null, /expected object/],
  ['a list', [], /expected object/],
  ['another version', { ...seen({}), schemaVersion: '2.0' }, /at schemaVersion/],
  ['no list', { schemaVersion: '1.0' }, /at detections/],
  ['no label', seen({ label: '' }), /at detections\[0\]\.label/],
  ['over 100 percent', seen({ confidence: 101 }), /at detections\[0\]\.confidence/],
  ['a box in pixels', seen({ boundingBox: { left: 10, top: 0, width: 1, height: 1 } }), /boundingBox\.left/],
  ['a value that is a text', seen({ value: '80 °C' }), /at detections\[0\]\.value/],
  ['too much', { schemaVersion: '1.0', detections: Array(1001).fill(seen({}).detections[0]) }, /at detections/],
])('%s is no analysis: the frame is unusable', async (_what, content, reason) => {
  returns(content);
  const error = await failure();
  expect(error).toBeInstanceOf(UnusableMessage);
  expect(error.message).toMatch(reason);
});

test('its error has the frame tried again, and says which', async () => {
  returns({ errorType: 'OutOfMemory', errorMessage: 'The model is large.' }, 'Unhandled');
  const error = await failure();
  expect(error).not.toBeInstanceOf(UnusableMessage);
  expect(error.message).toBe(`${ARN} failed: {"errorType":"OutOfMemory","errorMessage":"The model is large."}`);
});

test.each(['TooManyRequestsException', 'ServiceException', 'ResourceNotFoundException', 'KMSAccessDeniedException'])(
  '%s: the frame may be tried again',
  async (name) => {
    lambda.on(InvokeCommand).rejects(Object.assign(new Error(), { name }));
    const error = await failure();
    expect(error.name).toBe(name);
    expect(error).not.toBeInstanceOf(UnusableMessage);
  },
);
