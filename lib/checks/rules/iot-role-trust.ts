import { trustRule } from '../trust-rule';

export const iotRoleTrust = trustRule('iot.amazonaws.com', {
  id: 'IotRoleTrust',
  severity: 'warning',
  title: 'A role trusts AWS IoT on behalf of any account',
  why: 'Rules and provisioning templates of other accounts are run by the same service, which could be made to use the role (the confused deputy).',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html',
});
