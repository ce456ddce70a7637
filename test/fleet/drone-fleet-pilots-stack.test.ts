import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import {
  DroneFleetPilotsStack,
  DroneFleetStateStack,
  LapseAction,
  type DroneFleetPilotsStackProps,
  type DroneFleetStateStackProps,
} from '../../lib';
import { environments } from '../support/fleet';
import { Template } from '../support/template';

const VIEWING = { signIn: { domainPrefix: 'delivery-pilots' } };

function stacks(props: Partial<DroneFleetPilotsStackProps> = {}, stateProps: DroneFleetStateStackProps = {}) {
  const app = new App({ context: cdkJson.context });
  const state = new DroneFleetStateStack(app, 'State', stateProps);
  const stack = new DroneFleetPilotsStack(app, 'Pilots', { fleetName: 'delivery', viewing: VIEWING, state, ...props });
  return { state, stack };
}

describe('defaults', () => {
  const { state, stack } = stacks();
  const template = Template.fromStack(stack);

  test('it says what it is, and is protected', () => {
    expect(template.toJSON().Description).toBe('Video fleet: watching and taking control');
    expect(stack.terminationProtection).toBe(true);
  });

  test('what people and auditors hold on to stays when the stack goes', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::Cognito::UserPool']) {
      const policies = Object.values(template.findResources(type)).map(({ DeletionPolicy }) => DeletionPolicy);
      expect(new Set(policies)).toEqual(new Set(['Retain']));
    }
  });

  test('tables are encrypted with the key of the fleet', () => {
    template.allResourcesProperties('AWS::DynamoDB::Table', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: stack.resolve(state.encryptionKey.keyArn) },
    });
  });

  test('each alarm reaches those who get the alarms', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [stack.resolve(state.alarms.topic.topicArn)],
    });
  });

  test('the console can do all that there is', () => {
    const { messages, console } = stack;
    const settings = JSON.stringify(
      Object.values(template.findResources('Custom::CDKBucketDeployment')).map(({ Properties }) => Properties),
    );
    // What is known at deployment only is put in then; the rest is in the file.
    expect(settings).toContain(JSON.stringify(stack.resolve(messages.authorizerName)));
    expect(Object.keys(template.toJSON().Outputs)).toEqual(expect.arrayContaining(['ConsoleUrl', 'UserPool']));
    expect(stack.resolve(template.toJSON().Outputs.ConsoleUrl.Value)).toEqual(stack.resolve(console.url));
  });

  test('the API asks for control, and shows alerts', () => {
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
      (it) => it.Properties.RouteKey,
    );
    expect(routes).toEqual(
      expect.arrayContaining([
        'POST /v1/devices/{device}/control',
        'POST /v1/devices/{device}/commands',
        'GET /v1/devices/{device}/alerts',
        'POST /v1/devices/{device}/acknowledgements',
      ]),
    );
  });
});

test('devices get and acknowledge commands only where there are pilots', () => {
  const documents = (stack: DroneFleetStateStack) =>
    JSON.stringify(Template.fromStack(stack).findResources('AWS::IoT::Policy'));
  expect(documents(stacks().state)).toContain('/commands/acks');
  expect(documents(new DroneFleetStateStack(new App({ context: cdkJson.context }), 'State'))).not.toContain(
    '/commands',
  );
});

test('it is as it is told', () => {
  const { state, stack } = stacks({
    viewing: { ...VIEWING, sessionLength: Duration.minutes(5) },
    takeover: { onLapse: LapseAction.RETURN, commands: ['LAND'] },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const found = environments(state, stack);
  expect(found['viewing-api'].SESSION_SECONDS).toBe('300');
  expect(JSON.parse(found.takeover.TAKEOVER)).toMatchObject({ onLapse: 'RETURN', commands: ['LAND'] });
  expect(stack.terminationProtection).toBe(false);
  const template = Template.fromStack(stack);
  expect(
    Object.values(template.findResources('AWS::DynamoDB::Table')).map(({ DeletionPolicy }) => DeletionPolicy),
  ).not.toContain('Retain');
});
