import { mediaBuckets, policiesOf } from '../kinds';
import { isOpen, policyStatements } from '../policies';
import { finding, type Rule } from '../rule';

export const mediaBucketPublic: Rule = {
  id: 'MediaBucketPublic',
  severity: 'error',
  title: 'A bucket of images is open to the public, or may be opened',
  why: 'It has pictures of what cameras see.',
  fix: 'Block all public access, and let nobody in without a condition.',
  unseen: 'Buckets of other stacks. Without a setting all access is blocked, as S3 does since April 2023.',
  link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
  *check(template) {
    for (const bucket of mediaBuckets(template)) {
      const { PublicAccessBlockConfiguration: block, AccessControl: acl } = bucket.properties;
      const off = Object.entries(block ?? {}).filter(([, value]) => String(value) === 'false');
      if (off.length > 0) {
        yield finding(bucket, 'Properties.PublicAccessBlockConfiguration', off.map(([name]) => name).join(', '));
      }
      if (/^Public/.test(acl)) yield finding(bucket, 'Properties.AccessControl', acl);
      for (const policy of policiesOf(template, bucket)) {
        if (policyStatements(policy).some(isOpen)) yield finding(policy, 'Properties.PolicyDocument');
      }
    }
  },
};
