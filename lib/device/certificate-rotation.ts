import { Duration, Names, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CertificateExpiry } from '../private/certificate-expiry';
import {
  ProvisioningHook,
  ProvisioningRole,
  checkProvisioningNames,
  provisioningStatements,
} from '../private/provisioning';
import { TopicRule, iotArn } from '../private/topic-rule';
import { checkDuration, lit } from '../private/validation';
import { QueueWorker, WorkQueue } from '../private/work-queue';
import type { DeviceAllowList } from './device-allow-list';
import type { DeviceIdentity } from './device-identity';

/**
 * What becomes of a certificate that another one has replaced. It is deactivated and detached in any case.
 */
export enum CertificateRetirement {
  /** It stays, inactive, to be looked at. */
  DEACTIVATE = 'DEACTIVATE',

  /** It is deleted. */
  DELETE = 'DELETE',
}

/**
 * Properties of `CertificateRotation`.
 */
export interface CertificateRotationProps {
  /**
   * What the devices are. Each is allowed to replace its own certificate.
   */
  readonly identity: DeviceIdentity;

  /**
   * The list by which devices register; it knows the certificates of each.
   */
  readonly allowList: DeviceAllowList;

  /**
   * What stands before the serial number in the thing's name, as with `FleetProvisioning`.
   * @default - nothing; the thing's name is the serial number
   */
  readonly thingNamePrefix?: string;

  /**
   * The name of the provisioning template, which devices know: 1 to 36 of `a-z A-Z 0-9 _ -`.
   * @default - generated
   */
  readonly templateName?: string;

  /**
   * How long a device waits from one rotation to the next: whole hours, from 1 to 8760 (a year).
   * @default Duration.days(1)
   */
  readonly minimumInterval?: Duration;

  /**
   * What becomes of a certificate that is replaced.
   * @default CertificateRetirement.DEACTIVATE
   */
  readonly retirement?: CertificateRetirement;

  /**
   * How long before a certificate expires an alarm goes off: whole hours, from 24 to 87,600 (10 years).
   * @default Duration.days(30)
   */
  readonly expiryWarning?: Duration;

  /**
   * The key of the queues.
   * @default - a key that SQS manages
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Replaces the certificates of devices while they work, and watches how long they are valid.
 *
 * A device asks for its next certificate with the present one, by a provisioning template that registers no things.
 * Both work until it publishes to `<prefix>/<thing>/certificate-rotated` on a connection with the new one; then the old
 * one is retired. AWS IoT says with which certificate the message was published, so that a device can't retire a
 * certificate before it can do without.
 *
 * Each day the list is searched for certificates that expire, and for rotations that don't come to an end.
 *
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const rotation = new CertificateRotation(stack, 'Rotation', {
 *   identity: new DeviceIdentity(stack, 'Identity'),
 *   allowList: new DeviceAllowList(stack, 'AllowList'),
 *   expiryWarning: Duration.days(60),
 * });
 * new CfnOutput(stack, 'RotationTemplate', { value: rotation.templateName });
 */
export class CertificateRotation extends Construct {
  /** The name of the provisioning template. */
  public readonly templateName: string;

  /** The function that decides whether a device gets a new certificate. */
  public readonly hook: lambda.IFunction;

  /** The function that retires old certificates. */
  public readonly handler: lambda.IFunction;

  /** The function that looks for certificates that expire. */
  public readonly expiryCheck: lambda.IFunction;

  /** Confirmations that wait. */
  public readonly queue: sqs.IQueue;

  /** Confirmations that could not be processed. */
  public readonly deadLetterQueue: sqs.IQueue;

  /** Goes off when a confirmation is in the dead-letter queue. */
  public readonly deadLetterAlarm: cloudwatch.Alarm;

  /** All alarms: dead letters, certificates that expire, rotations that don't end, and a check that failed. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly expiry: CertificateExpiry;

  /**
   * @throws ValidationError with one of the codes `ProvisioningTemplateName`, `ThingNamePrefix`, `RotationInterval` and
   * `ExpiryWarning`
   */
  constructor(scope: Construct, id: string, props: CertificateRotationProps) {
    super(scope, id);
    const { identity, expiryWarning = Duration.days(30) } = props;
    checkProvisioningNames(this, props);
    // Known before deployment, because the permission of the hook must be there before the template.
    this.templateName = props.templateName ?? Names.uniqueResourceName(this, { maxLength: 36, separator: '-' });

    this.hook = this.makeHook(props, this.makeTemplate(props));
    identity._allow(...provisioningStatements(identity, this.templateName, 'create-from-csr'));
    identity.allowPublish('certificate-rotated');

    const work = new WorkQueue(this, 'Work', {
      content: 'certificates to be retired',
      encryptionKey: props.encryptionKey,
    });
    this.queue = work.queue;
    this.deadLetterQueue = work.deadLetterQueue;
    this.deadLetterAlarm = work.deadLetterAlarm;
    this.handler = this.makeHandler(props, work);
    new TopicRule(this, 'Rule', {
      description: 'Devices that work with their new certificate',
      sql: `SELECT topic(2) AS thingName, principal() AS certificateId FROM '${identity.topic('+', 'certificate-rotated')}'`,
      target: work,
    });

    const range = { min: 24, max: 87_600, unit: 'hours' } as const;
    const warningHours = checkDuration(this, lit`ExpiryWarning`, 'expiryWarning', expiryWarning, range);
    this.expiry = new CertificateExpiry(this, 'Expiry', { allowList: props.allowList, warningHours });
    this.expiryCheck = this.expiry.handler;
    this.alarms = [work.deadLetterAlarm, ...this.expiry.alarms];
  }

  /**
   * A metric of the expiry check, once a day, in the namespace `KinesisVideoFleet`: `CertificateDaysLeft` (until the
   * first certificate expires), `CertificatesExpiring`, `CertificatesWithoutExpiry` (it isn't known of them), and
   * `CertificateRotationsPending` (for more than a day).
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.expiry.metric(metricName, props);
  }

  private makeTemplate({ identity, thingNamePrefix = '' }: CertificateRotationProps): CfnProvisioningTemplate {
    const role = new ProvisioningRole(this, 'Role', {
      identity,
      templateName: this.templateName,
      description: 'Lets AWS IoT give devices new certificates',
      createsThings: false,
    });
    const serialNumber = { Ref: 'SerialNumber' };
    const thingName = thingNamePrefix ? { 'Fn::Join': ['', [thingNamePrefix, serialNumber]] } : serialNumber;
    const template = new CfnProvisioningTemplate(this, 'Template', {
      templateName: this.templateName,
      description: 'Gives cameras new certificates',
      enabled: true,
      templateType: 'FLEET_PROVISIONING',
      provisioningRoleArn: role.roleArn,
      templateBody: Stack.of(this).toJsonString({
        Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
        Resources: {
          thing: {
            Type: 'AWS::IoT::Thing',
            Properties: { ThingName: thingName },
            OverrideSettings: {
              AttributePayload: 'DO_NOTHING',
              ThingTypeName: 'DO_NOTHING',
              ThingGroups: 'DO_NOTHING',
            },
          },
          certificate: {
            Type: 'AWS::IoT::Certificate',
            Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
          },
          policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: identity.policyName } },
        },
      }),
    });
    template.node.addDependency(role);
    return template;
  }

  private makeHook(props: CertificateRotationProps, template: CfnProvisioningTemplate): lambda.IFunction {
    const { minimumInterval = Duration.days(1) } = props;
    const range = { min: 1, max: 8760, unit: 'hours' } as const;
    const hours = checkDuration(this, lit`RotationInterval`, 'minimumInterval', minimumInterval, range);
    return new ProvisioningHook(this, 'Hook', {
      template,
      templateName: this.templateName,
      handler: 'certificate-rotation',
      description: 'Decides whether a device gets a new certificate',
      allowList: props.allowList,
      environment: {
        THING_NAME_PREFIX: props.thingNamePrefix ?? '',
        MINIMUM_INTERVAL_HOURS: Stack.of(this).toJsonString(hours),
      },
    });
  }

  private makeHandler(props: CertificateRotationProps, work: WorkQueue): lambda.IFunction {
    const { identity, retirement = CertificateRetirement.DEACTIVATE } = props;
    const { table } = props.allowList;
    const handler = new QueueWorker(this, 'Handler', {
      work,
      handler: 'certificate-retirement',
      description: 'Retires certificates that devices have replaced',
      // AWS IoT allows ten of most of these calls a second.
      maxConcurrency: 2,
      environment: {
        ALLOW_LIST_TABLE: table.tableName,
        THING_NAME_PREFIX: props.thingNamePrefix ?? '',
        DEVICE_POLICY: identity.policyName,
        CERTIFICATES: iotArn(this, 'cert', ''),
        RETIREMENT: retirement,
      },
    });
    table.grant(handler, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    table.encryptionKey?.grantEncryptDecrypt(handler);
    const actions = ['iot:DetachPolicy', 'iot:DetachThingPrincipal', 'iot:UpdateCertificate'];
    if (retirement === CertificateRetirement.DELETE) actions.push('iot:DeleteCertificate');
    handler.addToRolePolicy(new iam.PolicyStatement({ actions, resources: [iotArn(this, 'cert', '*')] }));
    return handler;
  }
}
