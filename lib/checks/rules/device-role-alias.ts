import { covers, policyStatements } from '../policies';
import { finding, type Rule } from '../rule';

export const deviceRoleAlias: Rule = {
  id: 'DeviceRoleAlias',
  severity: 'error',
  title: 'A device gets credentials by any role alias',
  why: 'Role aliases of other fleets, and those that are made later, are open to it, with whatever their roles may do.',
  fix: 'Allow `iot:AssumeRoleWithCertificate` on the ARN of the one alias.',
  unseen: 'Which role an alias is for.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html',
  *check(template) {
    for (const policy of template.all('AWS::IoT::Policy')) {
      for (const statement of policyStatements(policy)) {
        if (statement.effect === 'Deny' || !covers(statement, 'iot:AssumeRoleWithCertificate')) continue;
        const wide = statement.resources.filter((arn) => /(^|\/)\*/.test(arn));
        if (wide.length > 0) yield finding(policy, statement.location, wide.join(', '));
      }
    }
  },
};
