import { isClaimPolicy, ownName } from '../device-policies';
import { covers, policyStatements } from '../policies';
import { finding, type Rule } from '../rule';

const ACTIONS = [
  'iot:Publish',
  'iot:RetainPublish',
  'iot:Receive',
  'iot:Subscribe',
  'iot:GetThingShadow',
  'iot:UpdateThingShadow',
  'iot:DeleteThingShadow',
];

export const deviceTopics: Rule = {
  id: 'DeviceTopics',
  severity: 'error',
  title: 'A device reaches the topics or shadows of others',
  why: 'A device that is taken over, or sold, can speak for all others: report what they have not seen, listen to their commands, or send them.',
  fix: 'Put `${iot:Connection.Thing.ThingName}` into the topics, as a level of its own.',
  unseen: 'Topics without wildcards, which devices may share, and claim certificates, of which ClaimPolicy tells.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/pub-sub-policy.html',
  *check(template) {
    for (const policy of template.all('AWS::IoT::Policy').filter((each) => !isClaimPolicy(each))) {
      for (const statement of policyStatements(policy)) {
        if (statement.effect === 'Deny' || !ACTIONS.some((action) => covers(statement, action))) continue;
        const wide = statement.resources.filter((arn) => /[*?+#]/.test(ofThing(arn)) && !ownName(arn));
        if (wide.length > 0) yield finding(policy, statement.location, wide.join(', '));
      }
    }
  },
};

/** Answers to a request for a certificate come under reserved topics, which are the device's own anyway. */
function ofThing(arn: string): string {
  return /\/\$aws\/(certificates\/create|provisioning-templates\/[^*/]+\/provision)/.test(arn) ? '' : arn;
}
