import { policyStatements } from '../policies';
import { finding, type Rule } from '../rule';
import { textsBelow } from '../values';

const PREFIX = /\$\{(credentials-iot:ThingName|iot:Connection\.Thing\.ThingName|iot:ClientId)\}[*?]/;

export const devicePrefix: Rule = {
  id: 'DevicePrefix',
  severity: 'error',
  title: 'The name of a thing is used as a prefix',
  why: 'With `stream/${credentials-iot:ThingName}*`, `drone-1` reaches the stream of `drone-10`.',
  fix: 'Put a character behind the name that no name has: `stream/${credentials-iot:ThingName}/*`, and `stream/${credentials-iot:ThingName}.*` for the cameras of a thing (names of things have no dots).',
  unseen:
    'A hyphen or underscore behind the name: with `${credentials-iot:ThingName}-*`, a thing called `drone-1-2` is open to `drone-1`. Whether there are such names is not in a template.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html',
  *check(template) {
    const statements = [...template.statements, ...template.all('AWS::IoT::Policy').flatMap(policyStatements)];
    for (const { effect, resources, conditions, resource, location } of statements) {
      const wide = [...resources, ...textsBelow(conditions)].filter((text) => PREFIX.test(text));
      if (effect === 'Allow' && wide.length > 0) yield finding(resource, location, wide.join(', '));
    }
  },
};
