import { detector } from '../../../lambda/common/detector';

const ALERTS = { topicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts', tableName: 'History', repeatAfterSeconds: 60 };
const PERSON = { name: 'person', labels: ['Person'], minimumConfidence: 80, severity: 'CRITICAL' };
const VALID = {
  AWS_REGION: 'eu-west-1',
  FLEET_NAME: 'delivery',
  OBSTACLES: JSON.stringify([PERSON]),
  ALERTS: JSON.stringify(ALERTS),
  QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/work',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/dead-letters',
};
const before = process.env;

afterEach(() => {
  process.env = before;
  jest.useRealTimers();
});

test('has what its environment says, by the clock of the function', () => {
  process.env = { ...VALID };
  jest.useFakeTimers({ now: 1_795_514_400_000 });
  const { fleet, obstacles, alerts, worker } = detector();
  expect(fleet).toBe('delivery');
  expect(obstacles).toEqual([PERSON]);
  expect(alerts.settings).toEqual(ALERTS);
  expect(worker.queueUrl).toBe(VALID.QUEUE_URL);
  expect(worker.deadLetterQueueUrl).toBe(VALID.DEAD_LETTER_QUEUE_URL);
  jest.advanceTimersByTime(1000);
  expect(alerts.now()).toBe(1_795_514_401_000);
});

test('a class may be limited to a region', () => {
  const region = { left: 0, top: 0.5, width: 1, height: 0.5 };
  process.env = { ...VALID, OBSTACLES: JSON.stringify([{ ...PERSON, region }]) };
  expect(detector().obstacles).toEqual([{ ...PERSON, region }]);
});

test.each([
  ['FLEET_NAME', ''],
  ['OBSTACLES', '[]'],
  ['OBSTACLES', JSON.stringify([{ ...PERSON, severity: 'HIGH' }])],
  ['OBSTACLES', JSON.stringify([{ ...PERSON, region: { left: 0, top: 0, width: 2, height: 1 } }])],
  ['OBSTACLES', JSON.stringify(PERSON)],
  ['ALERTS', '{"topicArn":"arn:aws:sns:eu-west-1:111122223333:alerts"}'],
  ['ALERTS', 'arn:aws:sns:eu-west-1:111122223333:alerts'],
  ['QUEUE_URL', 'work'],
  ['DEAD_LETTER_QUEUE_URL', 'dead-letters'],
])('%s can not be %j', (name, value) => {
  process.env = { ...VALID, [name]: value };
  expect(() => detector()).toThrow(new RegExp(`^The environment of this function is wrong: ${name}\\b`));
});

test.each(Object.keys(VALID).filter((name) => name !== 'AWS_REGION'))('%s must be there', (name) => {
  process.env = Object.fromEntries(Object.entries(VALID).filter(([key]) => key !== name));
  expect(() => detector()).toThrow(new RegExp(`: ${name}: `));
});
