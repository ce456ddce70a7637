import { isClaimPolicy } from '../device-policies';
import { covers, policyStatements, type Statement } from '../policies';
import { finding, type Rule } from '../rule';

const PROVISIONING =
  /:(topic|topicfilter)\/\$aws\/(certificates\/create|provisioning-templates\/[^*?/]+\/provision)[^:]*$/;
const ANY_CLIENT = /^\*$|:client\/\*$|\$\{iot:ClientId\}/;

export const claimPolicy: Rule = {
  id: 'ClaimPolicy',
  severity: 'error',
  title: 'A claim certificate may do more than ask for a certificate',
  why: 'It is the same on all devices, and in the hands of everybody who has one. It must not read or write topics of devices, use other templates, or connect with the client ID of a device, which would be disconnected.',
  fix: 'Allow `iot:Connect` on client IDs with a prefix that no device has (`client/claim-*`), and `iot:Publish`, `iot:Receive` and `iot:Subscribe` on `$aws/certificates/create*` and `$aws/provisioning-templates/<name>/provision/*` only.',
  unseen: 'Policies without a provisioning topic, and those that use the name of the thing: they are of devices.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/provision-wo-cert.html',
  *check(template) {
    for (const policy of template.all('AWS::IoT::Policy').filter(isClaimPolicy)) {
      for (const statement of policyStatements(policy).filter(({ effect }) => effect === 'Allow')) {
        const wide = tooWide(statement);
        if (wide.length > 0) yield finding(policy, statement.location, wide.join(', '));
      }
    }
  },
};

function tooWide(statement: Statement): string[] {
  const { actions, resources } = statement;
  const other = actions.filter((action) => !/^iot:(Connect|Publish|Receive|Subscribe)$/i.test(action));
  if (other.length > 0) return other;
  const connects = covers(statement, 'iot:Connect');
  if (connects && actions.length === 1) return resources.filter((arn) => ANY_CLIENT.test(arn));
  return resources.filter((arn) => !PROVISIONING.test(arn) && !(connects && /:client\/[^*]/.test(arn)));
}
