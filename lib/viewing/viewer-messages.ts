import { Duration, Stack, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnAuthorizer } from 'aws-cdk-lib/aws-iot';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { HandlerFunction, handlerMetric } from '../private/handler-function';
import { IotEndpoints } from '../private/iot-endpoints';
import { allowDescribingDevices } from '../private/viewing-access';
import type { ViewingApi } from './viewing-api';

/**
 * Properties of `ViewerMessages`.
 */
export interface ViewerMessagesProps {
  /**
   * The API whose viewers are meant: their tokens, roles and groups, or its authorizer, decide here too.
   */
  readonly viewing: ViewingApi;

  /**
   * What is done when the alarm goes off.
   * @default - nothing
   */
  readonly alarmActions?: cloudwatch.IAlarmAction[];
}

/**
 * Lets viewers hear at once what is detected: by MQTT over WebSocket at AWS IoT, with the token that `ViewingApi` takes.
 *
 * A connection names up to 25 devices, and may subscribe to `<prefix>/<device>/detections`, which devices themselves
 * publish to, and `<prefix>/<device>/alerts` (see `AlertFeed`) of those of them whose alerts the viewer may see. It
 * publishes nothing. It ends by itself after the API's session length or with the token, and every five minutes it is
 * decided anew whether the viewer may still hear of each device.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/custom-authentication.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const viewing = new ViewingApi(stack, 'Viewing', {
 *   fleetName: 'delivery',
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   signIn: { domainPrefix: 'delivery-pilots', callbackUrls: ['https://console.example.com/signed-in'] },
 * });
 * const messages = new ViewerMessages(stack, 'Messages', { viewing });
 */
export class ViewerMessages extends Construct {
  /** The name of the authorizer, which the username of a connection has. */
  public readonly authorizerName: string;

  /** Where viewers connect to: `wss://…/mqtt`. */
  public readonly url: string;

  /** The function that lets viewers in. */
  public readonly handler: lambda.IFunction;

  /** Goes off when it could not be decided whether somebody may connect, as when the issuer's keys can't be had. */
  public readonly failureAlarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: ViewerMessagesProps) {
    super(scope, id);
    const { fleetName, identity, issuer, sessionLength, _access } = props.viewing;
    const stack = Stack.of(this);
    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'viewer-messages',
      description: `Lets viewers hear of the devices of ${fleetName}`,
      timeout: Duration.seconds(10),
      // Whoever connects waits for it, and a signature is verified.
      memorySize: 512,
      logs: _access.logs,
      environment: {
        ..._access.environment,
        ISSUER: stack.toJsonString({ issuerUrl: issuer.issuerUrl, audience: issuer.audience }),
        TOPIC_PREFIX: identity.topicPrefix,
        IOT_ARN: `arn:${stack.partition}:iot:${stack.region}:${stack.account}`,
        SESSION_SECONDS: String(sessionLength.toSeconds()),
      },
    });
    allowDescribingDevices(handler, identity);
    _access.authorizer?.grantInvoke(handler);
    this.handler = handler;

    const authorizer = new CfnAuthorizer(this, 'Authorizer', {
      authorizerFunctionArn: handler.functionArn,
      // The token is signed by its issuer; AWS IoT would want another signature, with a key that browsers can't keep.
      signingDisabled: true,
      status: 'ACTIVE',
    });
    Validations.of(authorizer).acknowledge({
      id: 'KinesisVideoChecks::AuthorizerSigning',
      reason: 'The function verifies the signature of the token, its issuer, its audience and its time.',
    });
    handler.addPermission('Authorizer', {
      principal: new iam.ServicePrincipal('iot.amazonaws.com'),
      sourceArn: authorizer.attrArn,
      sourceAccount: stack.account,
    });
    this.authorizerName = authorizer.ref;
    this.url = `wss://${IotEndpoints.of(this).data}/mqtt`;
    this.failureAlarm = this.alarmOfFailures(handler, fleetName, props.alarmActions ?? []);
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`, as a sum: `AccessGranted` and `AccessDenied`, in devices;
   * `ConnectionRefused`; `TokenUnverifiable`, when the issuer's keys could not be had.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, 'viewer-messages', metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  private alarmOfFailures(
    handler: lambda.IFunction,
    fleetName: string,
    actions: cloudwatch.IAlarmAction[],
  ): cloudwatch.Alarm {
    const alarm = handler
      .metricErrors({ statistic: cloudwatch.Stats.SUM, period: Duration.minutes(5) })
      .createAlarm(this, 'FailureAlarm', {
        alarmDescription: `Messages for viewers of ${fleetName}: connections that could not be decided`,
        threshold: 5,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
    alarm.addAlarmAction(...actions);
    return alarm;
  }
}
