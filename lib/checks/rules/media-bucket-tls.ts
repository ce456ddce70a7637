import { mediaBuckets, policiesOf } from '../kinds';
import { policyStatements, refusesPlainText } from '../policies';
import { finding, type Rule } from '../rule';

export const mediaBucketTls: Rule = {
  id: 'MediaBucketTls',
  severity: 'error',
  title: 'A bucket of images is reached without TLS',
  why: 'Images would go over the network for everybody to see, by a mistake in a client alone.',
  fix: 'Refuse what comes with aws:SecureTransport false (in the CDK: enforceSSL).',
  unseen: 'Buckets of other stacks.',
  link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html',
  *check(template) {
    for (const bucket of mediaBuckets(template)) {
      const statements = policiesOf(template, bucket).flatMap(policyStatements);
      if (!statements.some(refusesPlainText)) yield finding(bucket, 'Properties');
    }
  },
};
