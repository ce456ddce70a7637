import { finding, type Rule } from '../rule';
import { isKnown } from '../values';

export const ruleErrorAction: Rule = {
  id: 'RuleErrorAction',
  severity: 'warning',
  title: 'A rule loses messages that it can not deliver',
  why: 'If an action fails, after its own retries, the message is gone: a detection that nobody hears of.',
  fix: 'Set TopicRulePayload.ErrorAction, to a queue for example.',
  unseen: 'Rules whose payload is known at deployment only.',
  link: 'https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html',
  *check(template) {
    for (const rule of template.all('AWS::IoT::TopicRule')) {
      const { TopicRulePayload: payload = {} } = rule.properties;
      const isIntrinsic = !isKnown(payload) && Object.keys(payload).some((key) => /^(Ref$|Fn::)/.test(key));
      if (!payload.ErrorAction && !isIntrinsic) yield finding(rule, 'Properties.TopicRulePayload');
    }
  },
};
