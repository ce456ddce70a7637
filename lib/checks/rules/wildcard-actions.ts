import { finding, type Rule } from '../rule';

export const wildcardActions: Rule = {
  id: 'WildcardActions',
  severity: 'error',
  title: 'A policy allows actions of Kinesis Video Streams by wildcard',
  why: '`kinesisvideo:*` lets who plays a stream also delete it, and `kinesisvideo:Connect*` lets a viewer be the camera. Actions that AWS adds later are allowed, too.',
  fix: 'Name the actions.',
  unseen: 'Policies that allow `*`, the actions of all services: those are not about video.',
  link: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisvideostreams.html',
  *check(template) {
    for (const { effect, actions, resource, location } of template.statements) {
      const wide = actions.filter((action) => /^kinesisvideo:.*[*?]/i.test(action));
      if (effect === 'Allow' && wide.length > 0) yield finding(resource, location, wide.join(', '));
    }
  },
};
