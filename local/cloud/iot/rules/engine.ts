import { randomUUID } from 'node:crypto';
import type * as iot from '@aws-sdk/client-iot';
import { UnderWay } from '../../http';
import { ServiceError } from '../../service';
import type { Message } from '../broker';
import type { Calls } from '../calls';
import { existing, invalid, page, vacant } from '../store';
import { basicIngest, matchesFilter } from '../topics';
import { deliveryOf, type Delivery } from './actions';
import { UnknownSql, compile, type RuleMessage, type Statement } from './sql';

interface Rule {
  readonly ruleName: string;
  readonly ruleArn: string;
  readonly payload: iot.TopicRulePayload;
  readonly statement: Statement;
  readonly deliveries: readonly Delivery[];
  readonly onError?: Delivery;
  readonly createdAt: Date;
}

export interface RulesProps {
  /** As in `arn:aws:iot:eu-west-1:111122223333`. */
  readonly arn: string;
  readonly calls: Calls;
}

/** The dialect that all rules have. */
const DIALECT = '2016-03-23';

/** Rules that hand messages on. https://docs.aws.amazon.com/iot/latest/developerguide/iot-rules.html */
export function createRules({ arn, calls }: RulesProps) {
  const rules = new Map<string, Rule>();
  const underWay = new UnderWay();
  const find = (name?: string) => existing(rules, 'Rule', name);

  const make = (ruleName: string, payload: iot.TopicRulePayload = { sql: '', actions: [] }): Rule => ({
    ruleName,
    ruleArn: `${arn}:rule/${ruleName}`,
    payload,
    statement: statementOf(payload),
    deliveries: payload.actions!.map((action) => deliveryOf(action, ruleName, calls)),
    onError: payload.errorAction && deliveryOf(payload.errorAction, ruleName, calls),
    createdAt: new Date(),
  });

  const apply = async (rule: Rule, message: RuleMessage): Promise<void> => {
    const output = rule.statement.select(message);
    if (!output) return;
    const outcomes = await Promise.allSettled(rule.deliveries.map((delivery) => delivery.deliver(output, message)));
    const failures = outcomes.flatMap((outcome, index) => {
      if (outcome.status === 'fulfilled') return [];
      const { name, resource } = rule.deliveries[index];
      return { failedAction: name, failedResource: resource, errorMessage: String(outcome.reason) };
    });
    if (failures.length === 0) return;
    const report = Buffer.from(JSON.stringify(reportOf(rule, message, failures)));
    if (!rule.onError) throw new Error(`The rule ${rule.ruleName} has no action for errors: ${report.toString()}`);
    await rule.onError.deliver(report, message);
  };

  const operations = {
    CreateTopicRule: ({ ruleName = '', topicRulePayload }: iot.CreateTopicRuleRequest) => {
      vacant(rules, 'Rule', ruleName);
      rules.set(ruleName, make(ruleName, topicRulePayload));
      return {};
    },

    ReplaceTopicRule: ({ ruleName, topicRulePayload }: iot.ReplaceTopicRuleRequest) => {
      const { ruleName: name } = find(ruleName);
      rules.set(name, make(name, topicRulePayload));
      return {};
    },

    GetTopicRule: ({ ruleName }: iot.GetTopicRuleRequest): iot.GetTopicRuleResponse => {
      const { payload, ruleArn, createdAt } = find(ruleName);
      return { ruleArn, rule: { ...payload, ruleName, createdAt, ruleDisabled: payload.ruleDisabled ?? false } };
    },

    DeleteTopicRule: ({ ruleName = '' }: iot.DeleteTopicRuleRequest) => {
      rules.delete(ruleName);
      return {};
    },

    ListTopicRules: (request: iot.ListTopicRulesRequest): iot.ListTopicRulesResponse => {
      const { items, next } = page([...rules.values()], request);
      return {
        rules: items.map(({ ruleName, ruleArn, createdAt }) => ({ ruleName, ruleArn, createdAt })),
        nextToken: next,
      };
    },
  };

  return {
    operations,
    /** Hands a message to the rules that are meant, and comes back at once. */
    onMessage: ({ topic, ...rest }: Message): void => {
      const direct = basicIngest(topic);
      const message = { ...rest, topic: direct?.topic ?? topic, timestamp: Date.now() };
      for (const rule of rules.values()) {
        const { filter } = rule.statement;
        const isMeant = direct ? direct.rule === rule.ruleName : filter !== undefined && matchesFilter(filter, topic);
        if (isMeant && !rule.payload.ruleDisabled) underWay.add(apply(rule, message));
      }
    },
    /** Once all that came in has been handed on. */
    end: () => underWay.end(),
  };
}

/** @throws ServiceError for what isn't understood */
function statementOf({ sql = '', awsIotSqlVersion }: iot.TopicRulePayload): Statement {
  if (awsIotSqlVersion !== DIALECT) throw invalid(`Rules have the dialect ${DIALECT} here`);
  try {
    return compile(sql);
  } catch (error) {
    if (!(error instanceof UnknownSql)) throw error;
    throw new ServiceError('SqlParseException', error.message, 400);
  }
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html#rule-error-message-format */
function reportOf({ ruleName }: Rule, { topic, clientId, payload }: RuleMessage, failures: object[]): object {
  return {
    ruleName,
    topic,
    cloudwatchTraceId: randomUUID(),
    clientId: clientId ?? 'N/A',
    base64OriginalPayload: payload.toString('base64'),
    failures,
  };
}
