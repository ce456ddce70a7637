import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { RULES } from '../../lib/checks/rules';
import { CheckedTemplate } from '../../lib/checks/template';
import { reportingApp } from '../support/checks';

const app = reportingApp();
for (const { id } of RULES) {
  const templateFile = join(__dirname, 'templates', `${id}.yaml`);
  new CfnInclude(new Stack(app, id), 'Template', { templateFile });
}
const assembly = app.synth();

/** The value with each of its parts, one at a time, known at deployment only. */
function* withIntrinsics(value: unknown): Generator<unknown> {
  yield { Ref: 'Parameter' };
  yield { 'Fn::If': ['Condition', value, { Ref: 'AWS::NoValue' }] };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    if (key.startsWith('Fn::') || key === 'Ref') continue;
    for (const changed of withIntrinsics(part)) {
      yield Array.isArray(value)
        ? value.map((item, index) => (index === Number(key) ? changed : item))
        : { ...value, [key]: changed };
    }
  }
}

test.each(RULES.map(({ id }) => id))('%s: takes intrinsics anywhere in its template', (id) => {
  const { Resources } = assembly.getStackByName(id).template;
  const found = Object.entries<{ Properties?: object }>(Resources).flatMap(([logicalId, resource]) =>
    [...withIntrinsics(resource.Properties ?? {})].map((Properties) => {
      const template = new CheckedTemplate({ Resources: { ...Resources, [logicalId]: { ...resource, Properties } } });
      return RULES.map((rule) => [...rule.check(template)].length);
    }),
  );
  expect(found.length).toBeGreaterThan(Object.keys(Resources).length);
});
