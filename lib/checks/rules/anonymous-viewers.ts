import { finding, type Rule } from '../rule';

export const anonymousViewers: Rule = {
  id: 'AnonymousViewers',
  severity: 'error',
  title: 'Whoever is not signed in may use Kinesis Video Streams',
  why: 'The identity pool gives credentials to anybody who knows its id, which is in the page that uses it. With them, anybody watches, or is a camera.',
  fix: 'Let people sign in, and give the permissions to the authenticated role.',
  unseen: 'Policies of the role that are in other stacks.',
  link: 'https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html',
  *check(template) {
    for (const attachment of template.all('AWS::Cognito::IdentityPoolRoleAttachment')) {
      const [pool] = template.referred(attachment.properties.IdentityPoolId, 'AWS::Cognito::IdentityPool');
      const [role] = template.referred(attachment.properties.Roles?.unauthenticated, 'AWS::IAM::Role');
      if (!role || String(pool?.properties.AllowUnauthenticatedIdentities) !== 'true') continue;
      const actions = template.allowedTo(role).flatMap((statement) => statement.actions);
      const video = actions.filter((action) => /^kinesisvideo:/i.test(action));
      if (video.length > 0) yield finding(pool, 'Properties.AllowUnauthenticatedIdentities', video.join(', '));
    }
  },
};
