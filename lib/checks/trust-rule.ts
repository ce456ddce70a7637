import { hasCondition, trustOf } from './policies';
import { finding, type Rule } from './rule';

/** A rule about roles that let a service in on behalf of anybody. */
export function trustRule(service: string, texts: Omit<Rule, 'check' | 'fix' | 'unseen'>): Rule {
  return {
    ...texts,
    fix: `Let ${service} in on condition of aws:SourceAccount, and of aws:SourceArn where the ARN is known.`,
    unseen: 'Whether the account or ARN is the right one; either condition will do.',
    *check(template) {
      for (const role of template.all('AWS::IAM::Role')) {
        const open = trustOf(role, service).find((trust) => !hasCondition(trust, 'aws:SourceAccount', 'aws:SourceArn'));
        if (open) yield finding(role, open.location);
      }
    },
  };
}
