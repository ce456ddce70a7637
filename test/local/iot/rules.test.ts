import { CreateTopicRuleCommand, GetTopicRuleCommand, type Action } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { MqttClient } from 'mqtt';
import { compile, compileTemplate, UnknownSql, type RuleMessage } from '../../../local/cloud/iot/rules/sql';
import { ruleOutput } from '../../events/iot-rule';
import { ACCOUNT, allow, hear, REGION, role, startCloud, until, type Cloud, type Sent } from './support';

const message = (topic: string, payload: string, more: Partial<RuleMessage> = {}): RuleMessage => ({
  topic,
  payload: Buffer.from(payload),
  timestamp: 1_700_000_000_123,
  ...more,
});
const select = (sql: string, about: RuleMessage) => compile(sql).select(about)?.toString();

describe('SQL', () => {
  test.each([
    ["SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'd/+/x'", ruleOutput('one', '{"a":1}')],
    [
      "SELECT topic(2) AS thingName, principal() AS certificateId FROM 'd/+/x'",
      { thingName: 'one', certificateId: 'abc' },
    ],
    [
      "select timestamp() as at, clientid() as who, topic() as all from 'd/#'",
      { at: 1_700_000_000_123, who: 'c', all: 'd/one/x' },
    ],
    ["SELECT *, topic(2) AS device FROM 'd/#'", { a: 1, device: 'one' }],
    ["SELECT a, nothing, topic(9) AS none FROM 'd/#'", { a: 1 }],
    ["SELECT 'it''s' AS text, 2.5 AS number, true AS yes FROM 'd/#'", { text: "it's", number: 2.5, yes: true }],
  ])('%s', (sql, expected) => {
    const about = message('d/one/x', '{"a":1}', { clientId: 'c', principal: 'abc' });
    expect(JSON.parse(select(sql, about)!)).toEqual(expected);
  });

  test('a message that goes on as it is needs not be JSON', () => {
    expect(select("SELECT * FROM 'd/#'", message('d/one', 'none'))).toBe('none');
    expect(JSON.parse(select("SELECT a FROM 'd/#'", message('d/one', 'none'))!)).toEqual({});
  });

  test.each([
    ["thingTypeName = 'camera'", true],
    ["thingTypeName = 'other'", false],
    ["thingTypeName <> 'other'", true],
    ['missing = 1', false],
    ['missing <> 1', false],
    ['count >= 2 AND count < 3', true],
    ["count > 2 OR inner.name = 'deep'", true],
    ["NOT (inner.name = 'deep')", false],
    ['isThere', true],
    ['count', false],
  ])('WHERE %s', (condition, isMeant) => {
    const payload = JSON.stringify({ thingTypeName: 'camera', count: 2, inner: { name: 'deep' }, isThere: true });
    const output = select(`SELECT * FROM 'd/#' WHERE ${condition}`, message('d/one', payload));
    expect(output !== undefined).toBe(isMeant);
  });

  test.each([
    "SELECT topic(2) FROM 'a'",
    "SELECT upper(a) AS b FROM 'a'",
    "SELECT encode(a, 'base64') AS b FROM 'a'",
    "SELECT a + 1 AS b FROM 'a'",
    "SELECT a FROM 'a' WHERE b LIKE 'c'",
    "SELECT a FROM 'a' GROUP BY b",
    'SELECT a FROM b',
    'DELETE',
    '',
  ])('what is not understood is refused: %s', (sql) => {
    expect(() => compile(sql)).toThrow(UnknownSql);
  });

  test('texts have values in them', () => {
    expect(compileTemplate('copies/${topic(2)}/${a.b}')(message('d/one', '{"a":{"b":3}}'))).toBe('copies/one/3');
    expect(() => compileTemplate('${upper(a)}')).toThrow(UnknownSql);
  });
});

describe('messages', () => {
  const QUEUE = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/work`;
  const ERRORS = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/errors`;
  const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`;
  const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:work`;
  const roleArn = role('Rule');
  let cloud: Cloud;
  let device: MqttClient;

  const createRule = (ruleName: string, sql: string, actions: Action[], more: object = {}) =>
    cloud.client.send(
      new CreateTopicRuleCommand({
        ruleName,
        topicRulePayload: { sql, awsIotSqlVersion: '2016-03-23', actions, ...more },
      }),
    );
  const toQueue: Action = { sqs: { queueUrl: QUEUE, roleArn, useBase64: false } };
  const sent = (to: string): Sent[] => cloud.sent.filter((one) => one.to === to);

  beforeAll(async () => {
    cloud = await startCloud();
    cloud.principals.role(roleArn, []);
    const { tls } = await cloud.certificate(allow('iot:*', '*'));
    device = await cloud.connect({ ...tls, clientId: 'drone-1' });
  });
  beforeEach(() => cloud.sent.splice(0));
  afterAll(() => cloud.stop());

  test('of devices reach a queue in the name of the rule’s role', async () => {
    const sql = "SELECT topic(2) AS device, encode(*, 'base64') AS content FROM 'devices/+/detections'";
    await createRule('detections', sql, [toQueue]);
    await device.publishAsync('devices/drone-1/detections', 'any bytes', { qos: 1 });
    await device.publishAsync('devices/drone-1/other', 'others', { qos: 1 });
    await until(() => sent(QUEUE).length > 0);
    expect(sent(QUEUE)).toEqual([
      { service: 'sqs', to: QUEUE, by: roleArn, body: JSON.stringify(ruleOutput('drone-1', 'any bytes')) },
    ]);
  });

  test('tell who sent them: the certificate of a device, and nobody for the data plane', async () => {
    await createRule('who', "SELECT principal() AS id, clientid() AS client FROM 'who'", [toQueue]);
    await device.publishAsync('who', '{}', { qos: 1 });
    const data = new IoTDataPlaneClient(cloud.admin);
    await data.send(new PublishCommand({ topic: 'who', payload: Buffer.from('{}') }));
    data.destroy();
    await until(() => sent(QUEUE).length === 2);
    expect(sent(QUEUE).map(({ body }) => JSON.parse(body) as object)).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{64}$/), client: 'drone-1' },
      { client: 'n/a' },
    ]);
  });

  test('reach topics, functions and other topics of the broker', async () => {
    cloud.functions.set(FUNCTION, () => ({}));
    await createRule('others', "SELECT * FROM 'others/+'", [
      { sns: { targetArn: TOPIC, roleArn } },
      { lambda: { functionArn: FUNCTION } },
      { republish: { topic: 'copies/${topic(2)}', qos: 1, roleArn } },
    ]);
    const heard = hear(device);
    await device.subscribeAsync('copies/#', { qos: 1 });
    await device.publishAsync('others/one', '{"a":1}', { qos: 1 });
    await until(() => heard.length > 0 && sent(TOPIC).length > 0 && sent(FUNCTION).length > 0);
    expect(heard).toEqual([{ topic: 'copies/one', payload: '{"a":1}' }]);
    expect([sent(TOPIC)[0], sent(FUNCTION)[0]]).toMatchObject([
      { body: '{"a":1}', by: roleArn },
      { body: '{"a":1}', by: 'iot.amazonaws.com' },
    ]);
  });

  test('that can’t be delivered reach the action for errors, in the form that AWS documents', async () => {
    await createRule('broken', "SELECT a FROM 'broken'", [toQueue], {
      errorAction: { sqs: { queueUrl: ERRORS, roleArn, useBase64: false } },
    });
    cloud.broken.add(QUEUE);
    await device.publishAsync('broken', '{"a":1,"b":2}', { qos: 1 });
    await until(() => sent(ERRORS).length > 0);
    cloud.broken.delete(QUEUE);
    expect(JSON.parse(sent(ERRORS)[0].body)).toEqual({
      ruleName: 'broken',
      topic: 'broken',
      cloudwatchTraceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      clientId: 'drone-1',
      base64OriginalPayload: Buffer.from('{"a":1,"b":2}').toString('base64'),
      failures: [
        { failedAction: 'SqsAction', failedResource: QUEUE, errorMessage: expect.stringContaining('is broken') },
      ],
    });
  });

  test('go to one rule past the broker, which sees their topic without the rule’s', async () => {
    await createRule('direct', "SELECT topic() AS topic FROM 'telemetry/+'", [toQueue]);
    await createRule('indirect', "SELECT 'indirect' AS rule FROM 'telemetry/+'", [toQueue]);
    const heard = hear(device);
    await device.subscribeAsync('telemetry/#', { qos: 1 });
    await device.publishAsync('$aws/rules/direct/telemetry/one', '{}', { qos: 1 });
    await device.publishAsync('telemetry/two', '{}', { qos: 1 });
    await until(() => sent(QUEUE).length === 3 && heard.length > 0);
    const bodies = sent(QUEUE).map(({ body }) => body);
    expect(bodies.sort()).toEqual(['{"rule":"indirect"}', '{"topic":"telemetry/one"}', '{"topic":"telemetry/two"}']);
    expect(heard.map(({ topic }) => topic)).toEqual(['telemetry/two']);
  });

  test('go nowhere by a rule that is switched off', async () => {
    await createRule('off', "SELECT 'off' AS rule FROM 'switched'", [toQueue], { ruleDisabled: true });
    await createRule('on', "SELECT 'on' AS rule FROM 'switched'", [toQueue]);
    await device.publishAsync('switched', '{}', { qos: 1 });
    await until(() => sent(QUEUE).length > 0);
    expect(sent(QUEUE).map(({ body }) => body)).toEqual(['{"rule":"on"}']);
    const { rule } = await cloud.client.send(new GetTopicRuleCommand({ ruleName: 'off' }));
    expect(rule).toMatchObject({ ruleName: 'off', ruleDisabled: true, actions: [toQueue] });
  });

  test.each([
    ['SqlParseException', 'a', 'SELECT', [toQueue], {}],
    ['InvalidRequestException', 'a', "SELECT * FROM 'a'", [toQueue], { awsIotSqlVersion: '2015-10-08' }],
    ['InvalidRequestException', 'a', "SELECT * FROM 'a'", [{ firehose: { roleArn, deliveryStreamName: 'x' } }], {}],
    ['ResourceAlreadyExistsException', 'on', "SELECT * FROM 'a'", [toQueue], {}],
    ['InvalidRequestException', 'with-hyphen', "SELECT * FROM 'a'", [toQueue], {}],
  ])('rules are refused with %s', async (name, ruleName, sql, actions, more) => {
    await expect(createRule(ruleName, sql, actions, more)).rejects.toMatchObject({ name });
  });
});
