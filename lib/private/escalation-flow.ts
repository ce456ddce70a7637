import { ArnFormat, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { EscalationTier } from '../alert/escalation-tier';

export interface EscalationFlowProps {
  /** Who is told, one after the other. */
  readonly tiers: EscalationTier[];
  /** Has an item with the key `detectionId` for each alert that is acknowledged. */
  readonly acknowledgements: dynamodb.ITable;
  /** @default - keys that the services own */
  readonly encryptionKey?: kms.IKey;
}

/** Waiting doesn't help against these. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
const LASTING = [
  'NotFound',
  'AuthorizationError',
  'InvalidParameter',
  'InvalidParameterValue',
  'KmsAccessDenied',
  'KmsDisabled',
  'KmsInvalidState',
  'KmsNotFound',
  'KmsOptInRequired',
  'Validation',
].map((name) => `Sns.${name}Exception`);

const LASTING_RETRY: sfn.RetryProps = {
  errors: LASTING,
  interval: Duration.seconds(5),
  backoffRate: 2,
  // A permission that was made right before takes some seconds to work everywhere.
  maxAttempts: 3,
};

/** Seven hours at most, and half of it on average. */
const OUTAGE_RETRY: sfn.RetryProps = {
  errors: [sfn.Errors.ALL],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxDelay: Duration.minutes(5),
  maxAttempts: 90,
  jitterStrategy: sfn.JitterType.FULL,
};

/** More than a tier can take: all attempts, and then the longest time to acknowledge. */
const LONGEST_TIER = Duration.hours(8 + 24);

/** Looking must not hold the next tier up: who can't be seen to have acknowledged is taken not to have. */
const LOOK_RETRY: sfn.RetryProps = {
  errors: [sfn.Errors.ALL],
  interval: Duration.seconds(1),
  backoffRate: 2,
  maxAttempts: 4,
  jitterStrategy: sfn.JitterType.FULL,
};

/**
 * Tells one tier after the other of an alert, until somebody acknowledges it.
 *
 * An execution fails when nobody has in the end, or when a tier could not be told: that is what alarms look at.
 */
export class EscalationFlow extends Construct {
  public readonly stateMachine: sfn.IStateMachine;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EscalationFlowProps,
  ) {
    super(scope, id);
    const { tiers, encryptionKey } = props;
    // The policy of its own key names it, so it can't have a name that is known after it is made.
    const name = Names.uniqueResourceName(this, { maxLength: 80 });
    const logGroupName = `/aws/vendedlogs/states/${name}`;
    if (encryptionKey) this.allowLogsToUseKey(encryptionKey, logGroupName);
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      comment: 'Tells tier after tier of an alert until it is acknowledged',
      definitionBody: sfn.DefinitionBody.fromChainable(this.escalate()),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      timeout: Duration.hours(tiers.length * LONGEST_TIER.toHours()),
      tracingEnabled: true,
      logs: {
        level: sfn.LogLevel.ALL,
        destination: new logs.LogGroup(this, 'Logs', {
          // With this prefix, it takes no room in the one policy that all log groups of such deliveries share.
          logGroupName,
          encryptionKey,
          retention: logs.RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    if (encryptionKey) this.encryptWith(encryptionKey);
  }

  /** Not by the CDK's `encryptionConfiguration`, which opens the key to log deliveries of any account. */
  private encryptWith(key: kms.IKey): void {
    (this.stateMachine.node.defaultChild as sfn.CfnStateMachine).encryptionConfiguration = {
      type: 'CUSTOMER_MANAGED_KMS_KEY',
      kmsKeyId: key.keyArn,
      kmsDataKeyReusePeriodSeconds: 300,
    };
    // For itself, its log, the topics and the table.
    key.grant(this.stateMachine, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  /** https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html */
  private allowLogsToUseKey(key: kms.IKey, logGroupName: string): void {
    const allow = (service: string, actions: string[], context: Record<string, string>) =>
      key.addToResourcePolicy(
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal(service)],
          actions,
          resources: ['*'],
          conditions: { StringEquals: context },
        }),
      );
    const logsArn = (resource: string) =>
      Stack.of(this).formatArn({ service: 'logs', resource, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    allow(
      `logs.${Stack.of(this).region}.amazonaws.com`,
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      { 'kms:EncryptionContext:aws:logs:arn': logsArn(`log-group:${logGroupName}`) },
    );
    // The asterisk is a part of what Step Functions encrypts with.
    allow('delivery.logs.amazonaws.com', ['kms:Decrypt'], { 'kms:EncryptionContext:SourceArn': logsArn('*') });
  }

  private escalate(): sfn.IChainable {
    const begin = sfn.Pass.jsonata(this, 'Begin', {
      assign: {
        alert: '{% $states.input %}',
        tiers: this.props.tiers.map(({ name, topic, acknowledgeWithin }) => ({
          name,
          topicArn: topic.topicArn,
          seconds: acknowledgeWithin.toSeconds(),
        })),
        at: 0,
        unreached: '',
      },
    });
    const look = this.look();
    const notify = this.notify();
    const wait = sfn.Wait.jsonata(this, 'Give the tier its time', {
      time: sfn.WaitTime.seconds('{% $tiers[$at].seconds %}'),
      assign: { at: '{% $at + 1 %}' },
    });
    const anyTierLeft = sfn.Choice.jsonata(this, 'Any tier left?')
      .when(sfn.Condition.jsonata('{% $at < $count($tiers) %}'), notify)
      .otherwise(
        sfn.Fail.jsonata(this, 'Nobody acknowledged', {
          error: 'AlertUnacknowledged',
          cause:
            "{% 'Nobody has acknowledged ' & $alert.detectionId & '.' & ($unreached = '' ? '' : ' Could not be told:' & $unreached) %}",
        }),
      );
    const isAcknowledged = sfn.Choice.jsonata(this, 'Acknowledged?')
      .when(
        sfn.Condition.jsonata("{% $states.input.acknowledged and $unreached = '' %}"),
        sfn.Succeed.jsonata(this, 'Acknowledged', { outputs: { tiersTold: '{% $at %}' } }),
      )
      .when(
        sfn.Condition.jsonata('{% $states.input.acknowledged %}'),
        sfn.Fail.jsonata(this, 'Acknowledged without a tier', {
          error: 'TierUnreached',
          cause: "{% $alert.detectionId & ' is acknowledged. Could not be told:' & $unreached %}",
        }),
      )
      .otherwise(anyTierLeft);

    look.addCatch(anyTierLeft).next(isAcknowledged);
    notify
      .addCatch(look, {
        assign: { at: '{% $at + 1 %}', unreached: "{% $unreached & ' ' & $tiers[$at].name %}" },
      })
      .next(wait);
    wait.next(look);
    return begin.next(look);
  }

  private look(): sfn.TaskStateBase {
    const { acknowledgements } = this.props;
    return tasks.DynamoGetItem.jsonata(this, 'Look for an acknowledgement', {
      table: acknowledgements,
      key: { detectionId: tasks.DynamoAttributeValue.fromString('{% $alert.detectionId %}') },
      consistentRead: true,
      // Who it was, and what they noted, is not for the history of executions.
      projectionExpression: [new tasks.DynamoProjectionExpression().withAttribute('detectionId')],
      outputs: "{% {'acknowledged': $exists($states.result.Item)} %}",
    }).addRetry(LOOK_RETRY);
  }

  private notify(): sfn.TaskStateBase {
    const told =
      "'\\n\\nTold to:    ' & $tiers[$at].name & ', which has ' & $tiers[$at].seconds & ' s to acknowledge it'";
    return tasks.CallAwsService.jsonata(this, 'Tell the tier', {
      service: 'sns',
      action: 'publish',
      iamAction: 'sns:Publish',
      iamResources: this.props.tiers.map(({ topic }) => topic.topicArn),
      parameters: {
        TopicArn: '{% $tiers[$at].topicArn %}',
        Subject: '{% $alert.subject %}',
        MessageStructure: 'json',
        Message: `{% $string($merge([$alert.forms, {'email': $alert.forms.email & ${told}}])) %}`,
        MessageAttributes:
          "{% $merge([$alert.attributes, {'tier': {'DataType': 'String', 'StringValue': $tiers[$at].name}}]) %}",
      },
    })
      .addRetry(LASTING_RETRY)
      .addRetry(OUTAGE_RETRY);
  }
}
