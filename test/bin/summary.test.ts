import { App, type Stage } from 'aws-cdk-lib';
import { droneFleet } from '../../bin/drone-fleet';
import { summary } from '../../bin/summary';
import cdkJson from '../../cdk.json';
import { referenceFleet } from '../support/fleet';
import { Template } from '../support/template';

function summaryOf(fleet?: object): string {
  const [cell] = referenceFleet(fleet);
  return summary((cell.node.root as Stage).synth(), 'cdk.out');
}

test('of one cell', () => {
  expect(summaryOf()).toBe(
    `1 cell, 2 stacks, 142 resources.
What a device has is made when it registers, so this does not grow with the fleet.

drone-fleet-cell-1  (any account, any region)

  drone-fleet-cell-1-State: 23 resources, protected from deletion
    Video fleet: what devices, people and recordings hold on to
    Has    1 key, 2 tables, 1 bucket, 2 topics, 3 queues, 1 thing type, 1 role alias, 1 IoT policy, 3 alarms, 8 more (roles, policies, logs)
    State  1 key, 1 table, 1 bucket, 2 topics, 1 thing type, 1 role alias, 1 IoT policy, 2 more (roles, policies, logs), which stay if the stack goes

  drone-fleet-cell-1-Fleet: 119 resources
    Video fleet: registration, media of devices, detection
    Has    1 table, 2 buckets, 6 queues, 13 functions, 2 IoT policies, 3 IoT rules, 2 provisioning templates, 12 alarms, 78 more (roles, policies, logs)
    State  2 buckets, which stay if the stack goes

What to do next
  Look at the templates      cdk.out
  Configure                  write fleet.json, then add -c fleet=fleet.json (see "Configuration" in README.md)
  Deploy                     npx cdk bootstrap && npx cdk deploy 'drone-fleet-cell-1/*'
  Let devices in             put their serial numbers into the table AllowListTable (see "Deploy" in README.md)`,
  );
});

describe('of several cells', () => {
  const lines = summaryOf({
    name: 'delivery',
    cells: [
      { name: 'north', account: '111122223333', region: 'eu-north-1' },
      { name: 'south', account: '444455556666' },
      { name: 'west', region: 'us-west-2' },
    ],
    alertEmails: ['pilot@example.com'],
  }).split('\n');

  test('counts all of them', () => {
    expect(lines[0]).toBe('3 cells, 6 stacks, 429 resources.');
  });

  test('says where each is', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'delivery-north  (account 111122223333, eu-north-1)',
        'delivery-south  (account 444455556666, any region)',
        'delivery-west  (any account, us-west-2)',
      ]),
    );
  });

  test('says what each stack has, and which are protected', () => {
    const stacks = lines.filter((line) => /^ {2}delivery-/.test(line));
    expect(stacks).toEqual(
      ['north', 'south', 'west'].flatMap((cell) => [
        `  delivery-${cell}-State: 24 resources, protected from deletion`,
        `  delivery-${cell}-Fleet: 119 resources`,
      ]),
    );
    expect(lines.filter((line) => line.includes('1 subscription,'))).toHaveLength(3);
  });
});

test('a fleet that leaves nothing behind is not protected', () => {
  const text = summaryOf({ removalPolicy: 'DESTROY' });
  expect(text).not.toContain('protected from deletion');
  expect(text).not.toContain('which stay if the stack goes');
  expect(text).toContain('    State  1 key, 2 tables, 1 bucket, which go with the stack\n');
});

test('what the CDK adds for its statistics is not counted', () => {
  const app = new App({ analyticsReporting: true, context: cdkJson.context });
  const [cell] = droneFleet(app);
  Template.fromStack(cell.state).resourceCountIs('AWS::CDK::Metadata', 1);
  expect(summary(app.synth(), 'cdk.out').split('\n')[0]).toBe('1 cell, 2 stacks, 142 resources.');
});
