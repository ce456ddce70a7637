import { stateOf, type AlarmProperties, type AlarmState } from '../support/monitoring/alarms';
import { ruleHolds } from '../support/monitoring/composite-rule';
import { evaluate, type Values } from '../support/monitoring/metric-math';

/** As the tables of AWS's documentation have it: 0 is not breaching, X is, - is missing. */
function points(text: string): Values {
  return text.split(' ').map((point) => ({ X: 1, '0': 0 })[point]);
}

function alarm(datapoints: number, missing?: string): AlarmProperties {
  return {
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0,
    EvaluationPeriods: 3,
    DatapointsToAlarm: datapoints,
    TreatMissingData: missing,
    MetricName: 'points',
  };
}

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'];
/** The state before, which `ignore` keeps; it is none that the others give. */
const KEPT = 'the one before' as AlarmState;

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
test.each<[datapoints: number, text: string, ...states: AlarmState[]]>([
  [3, '0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  [3, '- - - - 0', 'OK', 'OK', 'OK', 'OK'],
  [3, '- - - - -', 'INSUFFICIENT_DATA', KEPT, 'ALARM', 'OK'],
  [3, '0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, '- - X - -', 'ALARM', KEPT, 'ALARM', 'OK'],
  [2, '0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - X -', 'ALARM', KEPT, 'ALARM', 'OK'],
])('%d of 3 with %s is as the documentation says', (datapoints, text, ...states) => {
  const found = TREATMENTS.map((missing) => stateOf(alarm(datapoints, missing), { points: points(text) }, KEPT));
  expect(found).toEqual(states);
});

describe('an expression', () => {
  const given: Record<string, Values> = { a: [1, 2, undefined, 4], b: [10, 0, 30, 40] };
  const value = (expression: string) => evaluate(expression, (name) => given[name], 4);

  test.each<[expression: string, values: Values]>([
    ['a + b * 2', [21, 2, undefined, 84]],
    ['(a + b) * 2', [22, 4, undefined, 88]],
    ['10 - 2 - 3', [5, 5, 5, 5]],
    ['2 * 3 ^ 2', [18, 18, 18, 18]],
    ['-a', [-1, -2, undefined, -4]],
    ['100 * a / b', [10, undefined, undefined, 10]],
    ['FILL(a, 0) + 1', [2, 3, 1, 5]],
    ['IF(b > 10, b, 0)', [0, 0, 30, 40]],
    ['IF(a >= 2, 1, 0)', [0, 1, undefined, 1]],
    ['MAX(a, b, 3)', [10, 3, 30, 40]],
    ['MIN(a, b)', [1, 0, 30, 4]],
    ['SUM(a, b)', [11, 2, 30, 44]],
    ['ABS(0.5 - a)', [0.5, 1.5, undefined, 3.5]],
  ])('%s is computed for each period', (expression, values) => {
    expect(value(expression)).toEqual(values);
  });

  test.each(['a +', 'a b', '(a', 'SEARCH(a)', 'a + ?', 'FILL(a, 0'])('%s is refused', (expression) => {
    expect(() => value(expression)).toThrow();
  });
});

describe('a rule', () => {
  const states: Record<string, AlarmState> = { up: 'ALARM', down: 'OK', none: 'INSUFFICIENT_DATA' };
  const holds = (rule: string) => ruleHolds(rule, (alarm) => states[alarm]);

  test.each<[rule: string, holds: boolean]>([
    ['ALARM("up")', true],
    ['ALARM(down)', false],
    ['OK("up")', false],
    ['INSUFFICIENT_DATA("none")', true],
    ['ALARM("down") OR ALARM("up")', true],
    ['ALARM("down") OR OK("down") AND ALARM("down")', false],
    ['(ALARM("up") OR ALARM("down")) AND NOT ALARM("none")', true],
    ['NOT (ALARM("up") OR ALARM("down"))', false],
    ['TRUE AND FALSE', false],
  ])('%s is %p', (rule, expected) => {
    expect(holds(rule)).toBe(expected);
  });

  test.each(['ALARM("up"', 'WARN("up")', 'ALARM("up") ALARM("up")', ''])('%p is refused', (rule) => {
    expect(() => holds(rule)).toThrow();
  });
});
