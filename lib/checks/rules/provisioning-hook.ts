import { finding, type Rule } from '../rule';

export const provisioningHook: Rule = {
  id: 'ProvisioningHook',
  severity: 'error',
  title: 'A template registers whatever has the claim certificate',
  why: 'The claim certificate is the same on all devices. Without a hook nobody asks whether the serial number is one of yours: who has one device can register any number of others, or register again in the name of one.',
  fix: 'Set PreProvisioningHook to a function that looks the device up.',
  unseen: 'What the function decides. Templates for JITP, with which AWS IoT calls no hook.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html',
  *check(template) {
    for (const each of template.all('AWS::IoT::ProvisioningTemplate')) {
      const { PreProvisioningHook: hook, TemplateType: type = 'FLEET_PROVISIONING' } = each.properties;
      if (type === 'FLEET_PROVISIONING' && !hook) yield finding(each, 'Properties.PreProvisioningHook');
    }
  },
};
