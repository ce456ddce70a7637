import { trustRule } from '../trust-rule';

export const processorRoleTrust = trustRule('rekognition.amazonaws.com', {
  id: 'ProcessorRoleTrust',
  severity: 'error',
  title: 'The role of a stream processor trusts Rekognition on behalf of any account',
  why: 'The role reads video. Without the condition, Rekognition could be made to use it for a stream processor of somebody else (the confused deputy).',
  link: 'https://docs.aws.amazon.com/rekognition/latest/dg/cross-service-confused-deputy-prevention.html',
});
