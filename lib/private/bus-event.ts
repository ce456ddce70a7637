import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** As which EventBridge knows events of a handler. */
export interface EventName {
  readonly source: string;
  readonly detailType: string;
}

/** Lets a function put events of one kind on a bus, and no other. */
export function allowEvents(handler: lambda.Function, eventBus: events.IEventBus, name: EventName): void {
  handler.addToRolePolicy(
    new iam.PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [eventBus.eventBusArn],
      conditions: { StringEquals: { 'events:source': name.source, 'events:detail-type': name.detailType } },
    }),
  );
}

export interface EventTextProps {
  readonly eventBus: events.IEventBus;
  readonly name: EventName;
  readonly description: string;
  readonly fleetName: string;
  readonly topic: sns.ITopic;
  /** What subscribers read, of the fields of the event's detail. */
  readonly text: (field: (name: string) => string) => string;
  readonly deadLetterQueue: sqs.IQueue;
}

/**
 * Brings events of a fleet to a topic, as a text.
 *
 * The topic lets EventBridge in by its policy, and not by a role, with which AWS says that deliveries to encrypted topics may
 * fail.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
export function eventText(scope: Construct, id: string, props: EventTextProps): events.Rule {
  const { eventBus, name, fleetName, topic, deadLetterQueue } = props;
  const text = props.text((field) => events.EventField.fromPath(`$.detail.${field}`));
  // eslint-disable-next-line awscdk/require-passing-this, awscdk/no-variable-construct-id -- both are the caller's
  return new events.Rule(scope, id, {
    description: props.description,
    eventBus,
    eventPattern: { source: [name.source], detailType: [name.detailType], detail: { fleet: [fleetName] } },
    targets: [new targets.SnsTopic(topic, { message: events.RuleTargetInput.fromText(text), deadLetterQueue })],
  });
}
