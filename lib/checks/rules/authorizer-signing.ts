import { finding, type Rule } from '../rule';

export const authorizerSigning: Rule = {
  id: 'AuthorizerSigning',
  severity: 'warning',
  title: 'An authorizer of AWS IoT is asked for tokens that nobody has signed',
  why: 'Anybody who knows the endpoint makes the function run, as often as they like. With signing, AWS IoT refuses what has no valid signature by itself.',
  fix: 'Set SigningDisabled to false, with TokenKeyName and TokenSigningPublicKeys.',
  unseen: 'Whether the function verifies tokens that are signed in another way, like a JWT.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html',
  *check(template) {
    for (const authorizer of template.all('AWS::IoT::Authorizer')) {
      if (String(authorizer.properties.SigningDisabled) !== 'true') continue;
      yield finding(authorizer, 'Properties.SigningDisabled');
    }
  },
};
