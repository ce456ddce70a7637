import { type Stack } from 'aws-cdk-lib';
import { type ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import existing from '../../bin/existing.json';
import { migrate } from '../../bin/migrate';
import { CloudModel } from '../support/policy-simulator';
import { appWith } from '../support/reference-app';

const [YARD, LOBBY] = existing.StreamInfoList;
const principal = 'Reviewer';

/** The app, with somebody who has the policy for reviewers. */
function cloudOf(streams: object[] = existing.StreamInfoList): CloudModel {
  const stack: Stack = migrate(appWith({ existing: { StreamInfoList: streams } }));
  const reviewer = new Role(stack, 'Reviewer', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  (stack.node.findChild('Review') as ManagedPolicy).attachToRole(reviewer);
  return CloudModel.of(stack);
}

/** The key is in no stack: its policy lets the account's policies decide, as that of each key that the CDK makes. */
const resourcePolicy = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action: 'kms:*',
    Resource: '*',
  },
};

describe('whoever reviews', () => {
  const cloud = cloudOf();

  test.each([
    ['is taken over', cloud.arn('Streamyard')],
    ['is referred to', LOBBY.StreamARN],
  ])('plays a stream that %s, and no other', async (_what, resource) => {
    const play = { principal, action: 'kinesisvideo:GetHLSStreamingSessionURL' };
    await cloud.expectAllowed({ ...play, resource });
    const [name] = /(?<=stream\/)[\w-]+/.exec(resource)!;
    for (const other of [`${name}-2`, `${name}.front`, 'lane']) {
      await cloud.expectDenied({ ...play, resource: resource.replace(`/${name}/`, `/${other}/`) });
    }
  });

  test('does nothing else to it', async () => {
    const request = { principal, resource: LOBBY.StreamARN };
    await cloud.expectAllowed({ ...request, action: 'kinesisvideo:GetDataEndpoint' });
    for (const action of ['PutMedia', 'DeleteStream', 'UpdateDataRetention', 'GetClip', 'TagStream']) {
      await cloud.expectDenied({ ...request, action: `kinesisvideo:${action}` });
    }
  });

  test('reads with the key of a stream that has one, and writes nothing with it', async () => {
    const use = { principal, resource: YARD.KmsKeyId, resourcePolicy };
    await cloud.expectAllowed({ ...use, action: 'kms:Decrypt' });
    await cloud.expectDenied({ ...use, action: 'kms:GenerateDataKey' });
    await cloud.expectDenied({
      ...use,
      action: 'kms:Decrypt',
      resource: YARD.KmsKeyId.replace(/\w{12}$/, '000000000000'),
    });
  });
});

test('what is not kept is watched as it comes', async () => {
  const resource = LOBBY.StreamARN;
  const [kept, live] = [24, 0].map((DataRetentionInHours) => cloudOf([{ ...LOBBY, DataRetentionInHours }]));
  const [play, watch] = ['GetHLSStreamingSessionURL', 'GetMedia'].map((name) => `kinesisvideo:${name}`);
  await kept.expectAllowed({ principal, resource, action: play });
  await kept.expectDenied({ principal, resource, action: watch });
  await live.expectAllowed({ principal, resource, action: watch });
  await live.expectDenied({ principal, resource, action: play });
});
