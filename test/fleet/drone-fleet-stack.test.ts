import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import {
  DeviceAllowList,
  DroneFleetStack,
  DroneFleetStateStack,
  ProvisioningMethod,
  type DroneFleetStackProps,
  type DroneFleetStateStackProps,
} from '../../lib';
import { BIRDS, deployed, environments } from '../support/fleet';
import { Match, Template } from '../support/template';

function stacks(
  props: Partial<DroneFleetStackProps> = {},
  stateProps: DroneFleetStateStackProps = {},
): { state: DroneFleetStateStack; stack: DroneFleetStack } {
  const app = new App({ context: cdkJson.context });
  const state = new DroneFleetStateStack(app, 'State', stateProps);
  return {
    state,
    stack: new DroneFleetStack(app, 'Fleet', { fleetName: 'delivery', obstacles: BIRDS, state, ...props }),
  };
}

describe('defaults', () => {
  const { state, stack } = stacks();
  const template = Template.fromStack(stack);

  test('it says what it is, and can be deleted', () => {
    expect(template.toJSON().Description).toBe('Video fleet: registration, media of devices, detection');
    expect(stack.terminationProtection).toBe(false);
  });

  test('it works on the state instead of having any', () => {
    const { fleet } = stack;
    expect(fleet.encryptionKey).toBe(state.encryptionKey);
    expect(fleet.identity).toBe(state.identity);
    expect(fleet.frames).toBe(state.frames);
    expect(fleet.alerts).toBe(state.alerts);
    expect(fleet.provisioning.allowList).toBe(state.allowList);
    for (const type of ['AWS::KMS::Key', 'AWS::SNS::Topic', 'AWS::IoT::ThingType', 'AWS::IoT::RoleAlias']) {
      template.resourceCountIs(type, 0);
    }
    const resources = Object.values<{ Type: string; DeletionPolicy?: string }>(template.toJSON().Resources);
    const kept = resources.filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');
    // Lists of devices, and reports.
    expect(kept.map(({ Type }) => Type)).toEqual(['AWS::S3::Bucket', 'AWS::S3::Bucket']);
  });

  test('the alarms of both stacks go to the topic of the state', () => {
    const topicArn = deployed('AWS::SNS::Topic', state).find(({ logicalId }) => /^Alarms/.test(logicalId))?.arn;
    const actions = [deployed('AWS::CloudWatch::Alarm', state), deployed('AWS::CloudWatch::Alarm', state, stack)].map(
      (alarms) => alarms.map((alarm) => alarm.get('AlarmActions')),
    );
    expect(actions).toEqual([Array(3).fill([topicArn]), Array(12).fill([topicArn])]);
  });

  test('it tells how devices register, and what they need to know', () => {
    const outputs = template.toJSON().Outputs;
    expect(Object.keys(outputs).sort()).toEqual([
      'ClaimPolicy',
      'DeviceConfiguration',
      'Onboarding',
      'OnboardingBucket',
      'ProvisioningTemplate',
      'Quarantine',
      'Reconciliation',
      'RotationTemplate',
    ]);
    expect(outputs.ProvisioningTemplate.Value).toBe(stack.fleet.provisioning.templateName);
    expect(outputs.ClaimPolicy.Value).toEqual(stack.resolve(stack.fleet.provisioning.claimPolicyName));
    expect(JSON.stringify(outputs.DeviceConfiguration.Value)).toMatch(
      /credentialEndpoint.*dataEndpoint.*roleAlias.*\{thing\}.*devices\/\{thing\}\/detections/,
    );
  });
});

test('the allow list may be another one', () => {
  const app = new App({ context: cdkJson.context });
  const state = new DroneFleetStateStack(app, 'State');
  const allowList = new DeviceAllowList(state, 'Other');
  const provisioning = { allowList };
  const stack = new DroneFleetStack(app, 'Fleet', { fleetName: 'delivery', obstacles: BIRDS, state, provisioning });
  expect(stack.fleet.provisioning.allowList).toBe(allowList);
});

test('with just-in-time provisioning there are no claims', () => {
  const { state, stack } = stacks({ provisioning: { method: ProvisioningMethod.JITP } });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IoT::ProvisioningTemplate', { TemplateType: 'JITP' });
  expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
    'DeviceConfiguration',
    'ProvisioningTemplate',
    'Reconciliation',
  ]);
  const { certificates, onboarding, quarantine } = stack.fleet;
  expect([certificates, onboarding, quarantine]).toEqual([undefined, undefined, undefined]);
  expect(environments(state, stack)).not.toHaveProperty('fleet-provisioning');
});

test('without frames in the state there is no image detection', () => {
  const { state, stack } = stacks({}, { imageDetection: false });
  expect(stack.fleet.imageDetector).toBeUndefined();
  expect(environments(state, stack)).not.toHaveProperty('image-detector');
});

test('passes the properties of a stack on', () => {
  const { stack } = stacks({ stackName: 'cameras', terminationProtection: true, tags: { owner: 'flight' } });
  expect(stack).toMatchObject({ stackName: 'cameras', terminationProtection: true });
  expect(stack.tags.tagValues()).toEqual({ owner: 'flight' });
});

test('nothing of what devices hold on to changes with it but what the policy lets them publish', () => {
  const alone = new DroneFleetStateStack(new App({ context: cdkJson.context }), 'State');
  const { state } = stacks();
  const differences = [alone, state].map((stack) => {
    const { Resources } = Template.fromStack(stack).toJSON();
    return Object.fromEntries(
      Object.entries<{ Type: string }>(Resources).filter(
        // What it gets is the alarm actions.
        ([, { Type }]) => !['AWS::IoT::Policy', 'AWS::CloudWatch::Alarm'].includes(Type),
      ),
    );
  });
  expect(differences[1]).toEqual(differences[0]);
  Template.fromStack(state).hasResourceProperties('AWS::IoT::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'iot:Publish' })]) },
  });
});
