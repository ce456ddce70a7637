import { CREDENTIALS_PROVIDER } from '../kinds';
import { trustRule } from '../trust-rule';

export const deviceRoleTrust = trustRule(CREDENTIALS_PROVIDER, {
  id: 'DeviceRoleTrust',
  severity: 'error',
  title: 'The role of the devices trusts the credentials provider on behalf of any account',
  why: 'The service is the same for all accounts. Without the condition, it could be made to use the role for a role alias of somebody else (the confused deputy).',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html',
});
