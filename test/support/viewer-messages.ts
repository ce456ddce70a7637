import {
  DescribeThingCommand,
  IoTClient,
  ListThingGroupsForThingCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { mockClient } from 'aws-sdk-client-mock';
import { BUILT_IN } from '../../lambda/common/access/authorizer';
import { metrics } from '../../lambda/common/observability';
import { clientIdOf, viewerMessages, type Answer, type Ports } from '../../lambda/viewer-messages/handler';
import { authorizerEvent, type MqttConnect } from '../events/iot-authorizer';
import { TestIssuer, signed, signingKey } from './token-issuer';

export const SUB = '6f2c1e4a-viewer';
export const CLIENT_ID = `viewer:${clientIdOf(SUB)}:tab-1`;

/** The issuer's key; generated once, which takes a moment. */
export const KEY = signingKey('key-1');

/** Things of the fleet, and one that isn't, with their groups; all others that begin with `fleet-` are in the north. */
const THINGS: Record<string, { type: string; groups: string[] }> = {
  'drone-1': { type: 'drone', groups: ['north'] },
  'drone-10': { type: 'drone', groups: ['south'] },
  'drone-2': { type: 'drone', groups: ['north'] },
  'kettle-1': { type: 'kettle', groups: ['north'] },
};

const thing = (name = '') => {
  const found = name.startsWith('fleet-') ? { type: 'drone', groups: ['north'] } : THINGS[name];
  if (!found) throw new ResourceNotFoundException({ $metadata: {}, message: `Thing ${name} not found` });
  return found;
};

export interface Attempt extends MqttConnect {
  readonly devices?: string[];
  readonly claims?: object;
}

/** An authorizer over a fleet, with an issuer whose tokens are real. */
export function messagesOf() {
  const iot = mockClient(IoTClient);
  const state = {} as { issuer: TestIssuer; authorize: ReturnType<typeof viewerMessages> };

  /** A new function, which knows nothing yet. */
  const start = (changes: Partial<Ports> = {}): void => {
    const authorize = viewerMessages({
      iot: new IoTClient({ region: 'eu-west-1' }),
      thingTypeName: 'drone',
      authorizer: BUILT_IN,
      claims: { roles: 'cognito:groups', groups: 'custom:device_groups' },
      issuerUrl: state.issuer.url,
      audience: ['console'],
      fetchPage: state.issuer.fetchPage,
      topicPrefix: 'devices',
      arnPrefix: 'arn:aws:iot:eu-west-1:111122223333',
      sessionSeconds: 900,
      now: Date.now,
      ...changes,
    });
    state.authorize = async (event) => {
      try {
        return await authorize(event);
      } finally {
        metrics.publishStoredMetrics();
      }
    };
  };

  beforeAll(async () => {
    state.issuer = await TestIssuer.start();
  });
  afterAll(() => state.issuer.stop());
  beforeEach(() => {
    metrics.clearMetrics();
    iot.reset();
    iot.on(DescribeThingCommand).callsFake(({ thingName }) => ({ thingName, thingTypeName: thing(thingName).type }));
    iot.on(ListThingGroupsForThingCommand).callsFake(({ thingName }) => ({
      thingGroups: thing(thingName).groups.map((groupName) => ({ groupName })),
    }));
    state.issuer.publish(KEY);
    start();
  });

  /** The claims of an ID token of Cognito. */
  const claimsWith = (changes: object = {}) => ({
    sub: SUB,
    iss: state.issuer.url,
    aud: 'console',
    token_use: 'id',
    iat: Math.floor(Date.now() / 1000),
    exp: Math.floor(Date.now() / 1000) + 3600,
    'cognito:groups': ['reviewer'],
    'custom:device_groups': 'north',
    ...changes,
  });

  return {
    iot,
    state,
    start,
    claimsWith,
    connect: ({ devices = ['drone-1'], claims, ...mqtt }: Attempt = {}): Promise<Answer> =>
      state.authorize(
        authorizerEvent({
          clientId: CLIENT_ID,
          username: `viewer?x-amz-customauthorizer-name=Messages&devices=${devices.join(',')}`,
          password: signed(claimsWith(claims), KEY),
          ...mqtt,
        }),
      ),
  };
}
