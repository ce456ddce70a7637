import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { DroneFleetCell } from '../../lib';
import { AttackMatrix, concerns } from '../support/attack-matrix/matrix';
import { firstDifference, keyOf, mutantsOf } from '../support/attack-matrix/mutants';
import { accessTables } from '../support/attack-matrix/table';
import { DEPLOYED_ENDPOINTS, referenceFleet } from '../support/fleet';

const FILE = join(__dirname, '..', '..', 'docs', 'access.md');
const MARK = '<!-- Read what changed, then record it: RECORD_ACCESS=1 npx jest test/security/attack-matrix -->\n\n';

// There are half a million questions, and each wrong policy asks some of them again.
jest.setTimeout(300_000);

/** The reference fleet with all that adds somebody who may do something. */
function cell(): DroneFleetCell {
  return referenceFleet({
    name: 'delivery',
    cells: [{ name: 'cell-1', account: '111122223333', region: 'eu-west-1' }],
    detection: { motion: { fleetHoursPerDay: 100 } },
    devices: 10_000,
    pilots: { domainPrefix: 'delivery-pilots' },
    monitoring: { canary: true },
  })[0];
}

function matrixOf({ state, fleet, pilots, monitoring }: DroneFleetCell): AttackMatrix {
  return new AttackMatrix([state, fleet, pilots!, monitoring!], DEPLOYED_ENDPOINTS);
}

function allowedIn(matrix: AttackMatrix): Set<string> {
  return new Set(matrix.allowed().map(({ principal, cell }) => keyOf(principal, cell)));
}

const matrix = matrixOf(cell());
const allowed = allowedIn(matrix);

test('everybody may do what docs/access.md says, and nothing else', () => {
  const [intro, recorded] = readFileSync(FILE, 'utf8').split(MARK);
  const tables = accessTables(matrix);
  if (process.env.RECORD_ACCESS) writeFileSync(FILE, `${intro}${MARK}${tables}`);
  else expect(recorded).toBe(tables);
});

test('the questions are of actions that exist', () => matrix.check());

test('no question is asked twice', () => {
  const questions = matrix.principals.flatMap((principal) => matrix.cells.map((cell) => keyOf(principal, cell)));
  expect(new Set(questions).size).toBe(questions.length);
});

test('each action that a policy names is asked for', () => {
  const ofPrincipals = matrix.principals.flatMap(({ asking }) => asking.statements);
  const ofResources = matrix.cells.flatMap(({ asked }) => asked.statements ?? []);
  const named = new Set([...ofPrincipals, ...ofResources].flatMap(({ Action }) => [Action].flat() as string[]));
  const unasked = [...named].filter((Action) => !matrix.cells.some(({ action }) => concerns({ Action }, action)));
  expect(unasked).toEqual([]);
});

/** Policies that allow no more than before if they are wrong in that way, and why. */
const HARMLESS: Record<string, string> = {
  'Fleet/FleetProvisioningClaimPolicy is for any action': 'a filter can be subscribed to, and nothing else',
  'State/IdentityPolicy is for any action': 'a filter can be subscribed to, and nothing else',
  'Pilots/ViewingHandlerServiceRole does not look at kms:ViaService': 'clips are encrypted with the same key',
  'Pilots/ViewingHandlerServiceRole is for any action': 'the role trusts it with no other',
};

test('a policy that is wrong in one place is found, each of them', () => {
  const mutants = mutantsOf(matrix);
  const missed = mutants.filter((mutant) => firstDifference(matrix, allowed, mutant) === undefined);
  const names = missed.map(({ where, how }) => `${where.replace(/^delivery-cell-1-|[0-9A-F]{8} \d+$/g, '')} ${how}`);
  expect(names.sort()).toEqual(Object.keys(HARMLESS).sort());
  expect(mutants.length).toBeGreaterThan(450);
});

describe('five holes that are made easily', () => {
  const holed = cell();
  const { state, fleet, pilots } = holed;
  const find = <T>(stack: Stack, path: string) =>
    stack.node.findAll().find(({ node }) => node.path.endsWith(path)) as unknown as T;
  const allow = (action: string, resource: string, ...principals: iam.IPrincipal[]) =>
    new iam.PolicyStatement({ actions: [action], resources: [resource], ...(principals.length > 0 && { principals }) });
  const media = 'arn:aws:kinesisvideo:eu-west-1:111122223333';

  find<iam.Role>(state, 'Identity/Role').addToPolicy(
    allow('kinesisvideo:PutMedia', `${media}:stream/\${credentials-iot:ThingName}*`),
  );
  find<iam.Role>(pilots!, 'Viewing/ViewerRole').addToPolicy(
    allow('kinesisvideo:ConnectAsMaster', `${media}:channel/*`),
  );
  find<CfnPolicy>(fleet, 'Provisioning/ClaimPolicy').policyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
  };
  find<sqs.Queue>(state, 'Frames/Work/Queue').addToResourcePolicy(
    allow('sqs:SendMessage', '*', new iam.ServicePrincipal('s3.amazonaws.com')),
  );
  find<kms.Key>(state, 'Key').addToResourcePolicy(allow('kms:Decrypt', '*', new iam.AnyPrincipal()));

  const holes = matrixOf(holed);
  const found = [...allowedIn(holes)].filter((question) => !allowed.has(question));

  test.each([
    [
      'a device puts media into streams whose names begin like its own',
      [
        'device drone-1, by the role | kinesisvideo:PutMedia | stream drone-10',
        'device drone, by the role | kinesisvideo:PutMedia | stream drone-1',
      ],
    ],
    [
      'viewers could be the camera, of any fleet',
      [
        'Pilots/Viewing/ViewerRole | kinesisvideo:ConnectAsMaster | channel drone-1',
        'Pilots/Viewing/ViewerRole | kinesisvideo:ConnectAsMaster | channel another fleet',
      ],
    ],
    [
      'the certificate that is in each device can steer all of them',
      [
        'claim certificate | iot:Publish | topic devices/drone-1/commands',
        'claim certificate | iot:Connect | client drone-1',
        'claim certificate | iot:AssumeRoleWithCertificate | State/Identity/RoleAlias',
      ],
    ],
    [
      'buckets of any account put frames into the queue',
      ['s3.amazonaws.com for Bucket one of another account | sqs:SendMessage | State/Frames/Work/Queue'],
    ],
    [
      'anybody decrypts media',
      [
        'anybody | kms:Decrypt | State/Key directly',
        'administrator of another account | kms:Decrypt | State/Key directly',
      ],
    ],
  ])('%s', (_name, questions) => {
    expect(found).toEqual(expect.arrayContaining(questions));
  });

  test('and nothing else is found that those do not explain', () => {
    const explained = /^device|^Pilots.Viewing.ViewerRole|^claim certificate|sqs:SendMessage|kms:Decrypt/;
    expect(found.filter((question) => !explained.test(question))).toEqual([]);
  });
});
