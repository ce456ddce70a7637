import { isClaimPolicy, ownName } from '../device-policies';
import { covers, hasCondition, policyStatements } from '../policies';
import { finding, type Rule } from '../rule';

export const deviceConnect: Rule = {
  id: 'DeviceConnect',
  severity: 'error',
  title: 'A device may connect with the client ID of any other',
  why: 'AWS IoT disconnects the client that had the ID before: one device shuts out others, or is taken for them.',
  fix: 'Allow `iot:Connect` on `client/${iot:Connection.Thing.ThingName}`, on condition that iot:Connection.Thing.IsAttached is true.',
  unseen: 'Client IDs without wildcards, and claim certificates, of which ClaimPolicy tells.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/connect-policy.html',
  *check(template) {
    for (const policy of template.all('AWS::IoT::Policy').filter((each) => !isClaimPolicy(each))) {
      for (const statement of policyStatements(policy)) {
        if (statement.effect === 'Deny' || !covers(statement, 'iot:Connect')) continue;
        if (hasCondition(statement, 'iot:Connection.Thing.IsAttached')) continue;
        // `${iot:ClientId}` is whatever the device says that it is.
        const wide = statement.resources.filter((arn) => /[*?]|\$\{iot:ClientId\}/.test(arn) && !ownName(arn));
        if (wide.length > 0) yield finding(policy, statement.location, wide.join(', '));
      }
    }
  },
};
