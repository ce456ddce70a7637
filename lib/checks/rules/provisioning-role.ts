import { finding, type Rule } from '../rule';
import { textOf } from '../values';

const WIDE_POLICY = /\/(AWSIoTThingsRegistration|AWSIoTFullAccess|AWSIoTConfigAccess|AdministratorAccess)$/;

export const provisioningRole: Rule = {
  id: 'ProvisioningRole',
  severity: 'warning',
  title: 'The role of a provisioning template may do more than register devices',
  why: 'AWS IoT acts in its name for whoever has a claim certificate. The managed policy AWSIoTThingsRegistration allows things, certificates and policies of the whole account to be changed, those of other fleets included.',
  fix: 'Allow the actions that the template needs, and AttachPolicy for its one policy only.',
  unseen: 'Policies with named actions, however many they are, and roles of other stacks.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html',
  *check(template) {
    for (const each of template.all('AWS::IoT::ProvisioningTemplate')) {
      for (const role of template.referred(each.properties.ProvisioningRoleArn, 'AWS::IAM::Role')) {
        const managed = [role.properties.ManagedPolicyArns ?? []].flat().map(textOf);
        const actions = template.allowedTo(role).flatMap((statement) => statement.actions);
        const wide = [
          ...managed.filter((arn) => WIDE_POLICY.test(arn)),
          ...actions.filter((action) => /^(\*|iot:\*)$/i.test(action)),
        ];
        if (wide.length > 0) yield finding(role, 'Properties', wide.join(', '));
      }
    }
  },
};
