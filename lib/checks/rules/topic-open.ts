import { policiesOf, videoTopics } from '../kinds';
import { isOpen, policyStatements } from '../policies';
import { finding, type Rule } from '../rule';

export const topicOpen: Rule = {
  id: 'TopicOpen',
  severity: 'error',
  title: 'A topic of notifications or detections is open to everybody',
  why: 'Anybody could subscribe to what cameras see, or publish what they have not seen.',
  fix: 'Name who may, or set a condition (aws:SourceAccount, aws:SourceArn).',
  unseen: 'Topics to which nothing of the template publishes for video, and whether a condition is narrow enough.',
  link: 'https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html',
  *check(template) {
    for (const topic of videoTopics(template)) {
      for (const policy of policiesOf(template, topic)) {
        if (policyStatements(policy).some(isOpen)) yield finding(policy, 'Properties.PolicyDocument');
      }
    }
  },
};
