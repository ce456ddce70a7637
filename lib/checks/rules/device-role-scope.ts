import { deviceRoles } from '../kinds';
import type { Statement } from '../policies';
import { finding, type Rule } from '../rule';
import { textsBelow } from '../values';

/** Only the time of creation is left open, which nobody knows beforehand. */
const ONE_BY_NAME = /:(stream|channel)\/[^*?/]+\/\*$/;

export const deviceRoleScope: Rule = {
  id: 'DeviceRoleScope',
  severity: 'error',
  title: 'The role of the devices is not limited to what is their own',
  why: 'All devices have the same role. Without `${credentials-iot:ThingName}`, each of them streams in the name of every other, or overwrites its images.',
  fix: 'Put `${credentials-iot:ThingName}` into the ARNs, or into a condition.',
  unseen:
    'Resources without wildcards, as of a role for one camera. Objects in buckets count only if the role uses the variable elsewhere, and so is for many devices.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html',
  *check(template) {
    for (const role of deviceRoles(template)) {
      const allowed = template.allowedTo(role);
      const services = allowed.some(isOwn) ? ['kinesisvideo', 'iot', 's3'] : ['kinesisvideo', 'iot'];
      for (const statement of allowed.filter((each) => !isOwn(each))) {
        if (!statement.actions.some((action) => services.includes(action.split(':')[0]))) continue;
        const wide = statement.resources.filter((arn) => /[*?]/.test(arn) && !ONE_BY_NAME.test(arn));
        if (wide.length > 0) yield finding(statement.resource, statement.location, wide.join(', '));
      }
    }
  },
};

function isOwn({ resources, conditions }: Statement): boolean {
  const hasName = (text: string) => text.includes('${credentials-iot:');
  return (resources.length > 0 && resources.every(hasName)) || textsBelow(conditions).some(hasName);
}
