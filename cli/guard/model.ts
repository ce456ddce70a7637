import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

/** Types that hold data but are looked into (nested stacks), so that they aren't reported as a whole. */
const LOOKED_INTO = ['AWS::CloudFormation::Stack'];

let model: ReturnType<typeof loadAwsServiceSpecSync> | undefined;

/** Whether CloudFormation's model says that resources of the type hold data. */
export function isStatefulInModel(type: string): boolean {
  if (LOOKED_INTO.includes(type)) return false;
  model ??= loadAwsServiceSpecSync();
  return model.lookup('resource', 'cloudFormationType', 'equals', type)[0]?.isStateful ?? false;
}
