import { policiesOf, videoTopics } from '../kinds';
import { policyStatements, refusesPlainText } from '../policies';
import { finding, type Rule } from '../rule';

export const topicTls: Rule = {
  id: 'TopicTls',
  severity: 'error',
  title: 'A topic of notifications or detections takes messages without TLS',
  why: 'SNS has an endpoint without TLS. What is published there can be read and changed on its way.',
  fix: 'Refuse what comes with aws:SecureTransport false (in the CDK: enforceSSL).',
  unseen: 'Topics to which nothing of the template publishes for video.',
  link: 'https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html',
  *check(template) {
    for (const topic of videoTopics(template)) {
      const statements = policiesOf(template, topic).flatMap(policyStatements);
      if (!statements.some(refusesPlainText)) yield finding(topic, 'Properties');
    }
  },
};
