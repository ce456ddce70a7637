import { Duration, RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnPolicy, CfnRoleAlias, CfnThingType } from 'aws-cdk-lib/aws-iot';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { devicePermissions } from '../private/device-permissions';
import { IotEndpoints } from '../private/iot-endpoints';
import { iotArn } from '../private/topic-rule';
import { checkDuration, checkPattern, checkRange, fail, lit } from '../private/validation';

/** The variable of IoT policies that stands for the thing whose certificate made the connection. */
const CONNECTED_THING = '${iot:Connection.Thing.ThingName}';

/**
 * Where the images of a device's streams go: each stream has a folder of its own, `<prefix>/<stream name>/`.
 *
 * In TypeScript a `FrameStore` is one; other languages take its `bucket` and its `prefix`.
 */
export interface DeviceImages {
  /**
   * The bucket.
   */
  readonly bucket: s3.IBucket;

  /**
   * The folder in which each stream has its own.
   * @default 'frames'
   */
  readonly prefix?: string;
}

/**
 * Properties of `DeviceIdentity`.
 */
export interface DeviceIdentityProps {
  /**
   * The cameras of a thing, at most 16: names of 1 to 32 of `a-z A-Z 0-9 _ -`. The stream and the channel of a camera are named
   * `<thing>.<camera>`; a dot can't be part of a thing's name, so no thing's cameras are ever those of another thing.
   * @default - one camera, whose stream and channel have the name of the thing
   */
  readonly cameras?: string[];

  /**
   * Whether the devices are WebRTC masters.
   * @default true
   */
  readonly signaling?: boolean;

  /**
   * The customer-managed key of the streams.
   * @default - the streams are encrypted with the key that AWS manages
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * Where images of the streams go. They are made in the name of the device, which so needs to write to the bucket.
   * @default - no images
   */
  readonly images?: DeviceImages;

  /**
   * The topic of the notifications of fragments, which are sent in the name of the device.
   * @default - no notifications
   */
  readonly notifications?: sns.ITopic;

  /**
   * The first level of the MQTT topics: a device publishes to `<prefix>/<thing>/…`. 1 to 64 of `a-z A-Z 0-9 _ -`.
   * @default 'devices'
   */
  readonly topicPrefix?: string;

  /**
   * How long credentials are valid before the device fetches new ones: 15 minutes to 12 hours.
   * @default Duration.hours(1)
   */
  readonly credentialDuration?: Duration;

  /**
   * What becomes of the thing type, the IoT policy, the role alias and the role when they leave the stack. Devices hold on to
   * them: without, none streams any more.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Who a device is and what it may do: a thing type, the IoT policy of its certificate, and the role whose credentials
 * it gets for its certificate from the credentials provider.
 *
 * Everything is scoped by the name of the thing. The role allows exactly what the producer SDK and the WebRTC SDK's
 * master call, on the streams and channels of that very thing; it does not allow to create streams, which is the task of
 * `MediaProvisioner`. The device must send its thing's name (`x-amzn-iot-thingname`), as both SDKs do.
 *
 * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-iot.html
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const frames = new FrameStore(stack, 'Frames');
 * const identity = new DeviceIdentity(stack, 'Identity', {
 *   cameras: ['front', 'down'],
 *   images: { bucket: frames.bucket, prefix: frames.prefix },
 *   credentialDuration: Duration.minutes(30),
 * });
 * // What a device has to know, in the output of the stack.
 * new CfnOutput(stack, 'Configuration', { value: stack.toJsonString(identity.configuration(stack)) });
 */
export class DeviceIdentity extends Construct {
  /** The name of the thing type. Registry events are told apart by it. */
  public readonly thingTypeName: string;

  /** The name of the IoT policy of the devices' certificates. */
  public readonly policyName: string;

  /** The name of the role alias. */
  public readonly roleAliasName: string;

  /** The role that devices get credentials for. */
  public readonly role: iam.IRole;

  /** The cameras of a thing, or none if it has one camera with the thing's name. */
  public readonly cameras: string[];

  /** Whether the devices are WebRTC masters. */
  public readonly signaling: boolean;

  /** The key of the streams. */
  public readonly encryptionKey?: kms.IKeyRef;

  /** Where images go. */
  public readonly images?: DeviceImages;

  /** The first level of the MQTT topics. */
  public readonly topicPrefix: string;

  private readonly policyDocument: iam.PolicyDocument;

  /**
   * @throws ValidationError with one of the codes `DeviceCamera`, `DeviceTopicPrefix` and `DeviceCredentialDuration`
   */
  constructor(scope: Construct, id: string, props: DeviceIdentityProps = {}) {
    super(scope, id);

    this.cameras = props.cameras ?? [];
    for (const camera of this.cameras) {
      checkPattern(this, lit`DeviceCamera`, 'cameras', camera, /^[a-zA-Z0-9_-]{1,32}$/, '1 to 32 of a-z A-Z 0-9 _ -');
    }
    // More would not fit into the policies of the role.
    checkRange(this, lit`DeviceCamera`, 'cameras.length', this.cameras.length, { min: 0, max: 16 });
    if (new Set(this.cameras).size < this.cameras.length) {
      fail(this, lit`DeviceCamera`, `\`cameras\` names one twice: ${this.cameras.join(', ')}.`);
    }
    this.topicPrefix = props.topicPrefix ?? 'devices';
    const prefix = /^[a-zA-Z0-9_-]{1,64}$/;
    checkPattern(this, lit`DeviceTopicPrefix`, 'topicPrefix', this.topicPrefix, prefix, '1 to 64 of a-z A-Z 0-9 _ -');
    const credentialDuration = props.credentialDuration ?? Duration.hours(1);
    const credentialSeconds = checkDuration(
      this,
      lit`DeviceCredentialDuration`,
      'credentialDuration',
      credentialDuration,
      { min: 900, max: 43_200, unit: 'seconds' },
    );
    this.signaling = props.signaling ?? true;
    this.encryptionKey = props.encryptionKey;
    this.images = props.images;

    this.thingTypeName = new CfnThingType(this, 'ThingType', {
      thingTypeProperties: { thingTypeDescription: 'Camera that streams to Kinesis Video Streams' },
    }).ref;

    this.role = new iam.Role(this, 'Role', {
      description: 'What a camera may do with the credentials that it gets for its certificate',
      assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          // The alias needs the role first, so its name isn't known here.
          ArnLike: { 'aws:SourceArn': iotArn(this, 'rolealias', '*') },
        },
      }),
      maxSessionDuration: credentialDuration.isUnresolved() ? undefined : atLeastAnHour(credentialDuration),
    });
    for (const statement of devicePermissions(this)) this.role.addToPrincipalPolicy(statement);
    if (props.notifications) sns.TopicGrants.fromTopic(props.notifications).publish(this.role);

    const roleAlias = new CfnRoleAlias(this, 'RoleAlias', {
      roleArn: this.role.roleArn,
      credentialDurationSeconds: credentialSeconds,
    });
    this.roleAliasName = roleAlias.ref;

    this.policyDocument = new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          actions: ['iot:Connect'],
          resources: [iotArn(this, 'client', CONNECTED_THING)],
          conditions: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
        }),
        new iam.PolicyStatement({
          actions: ['iot:AssumeRoleWithCertificate'],
          resources: [roleAlias.attrRoleAliasArn],
        }),
      ],
    });
    this.policyName = new CfnPolicy(this, 'Policy', { policyDocument: this.policyDocument }).ref;
    RemovalPolicies.of(this).apply(props.removalPolicy ?? RemovalPolicy.RETAIN);
  }

  /**
   * What a device needs to know beside its certificate, as strings that the provisioning template hands to each device
   * and that both SDKs are fed from. `{thing}` stands for the thing's name, which also names the stream and the channel
   * (followed by `.<camera>` where a thing has several cameras).
   *
   * @param scope where the endpoints of the account are looked up at deployment
   */
  public configuration(scope: Construct): { [key: string]: string } {
    const endpoints = IotEndpoints.of(scope);
    const configuration: { [key: string]: string } = {
      region: Stack.of(this).region,
      credentialEndpoint: endpoints.credentials,
      dataEndpoint: endpoints.data,
      roleAlias: this.roleAliasName,
      streams: this.mediaNames('{thing}').join(','),
      detectionsTopic: this.topic('{thing}', 'detections'),
    };
    if (this.signaling) configuration.channels = configuration.streams;
    return configuration;
  }

  /** The names of the streams and channels of a thing. */
  public mediaNames(thingName: string): string[] {
    return this.cameras.length === 0 ? [thingName] : this.cameras.map((camera) => `${thingName}.${camera}`);
  }

  /** The MQTT topic of a thing. */
  public topic(thingName: string, suffix: string): string {
    return `${this.topicPrefix}/${thingName}/${suffix}`;
  }

  /** Lets each device publish to its own topic `<prefix>/<thing>/<suffix>`. */
  public allowPublish(suffix: string): void {
    this.policyDocument.addStatements(
      new iam.PolicyStatement({
        actions: ['iot:Publish'],
        resources: [iotArn(this, 'topic', this.topic(CONNECTED_THING, suffix))],
      }),
    );
  }

  /**
   * Lets each device publish to a rule, past the broker, which AWS doesn't bill as a message: to
   * `$aws/rules/<rule>/<prefix>/<thing>/<suffix>`, of which the rule sees `<prefix>/<thing>/<suffix>`.
   *
   * @param ruleName the name of the rule, which must be known here: devices know it too
   * @see https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
   */
  public allowBasicIngest(ruleName: string, suffix: string): void {
    this.policyDocument.addStatements(
      new iam.PolicyStatement({
        actions: ['iot:Publish'],
        resources: [iotArn(this, 'topic', `$aws/rules/${ruleName}/${this.topic(CONNECTED_THING, suffix)}`)],
      }),
    );
  }

  /** Lets each device receive what is published to its own topic `<prefix>/<thing>/<suffix>`. */
  public allowSubscribe(suffix: string): void {
    this.policyDocument.addStatements(
      new iam.PolicyStatement({
        actions: ['iot:Subscribe'],
        resources: [iotArn(this, 'topicfilter', this.topic(CONNECTED_THING, suffix))],
      }),
      new iam.PolicyStatement({
        actions: ['iot:Receive'],
        resources: [iotArn(this, 'topic', this.topic(CONNECTED_THING, suffix))],
      }),
    );
  }

  /**
   * Lets the certificate of each device do something beside its own topics.
   * @internal
   */
  public _allow(...statements: iam.PolicyStatement[]): void {
    this.policyDocument.addStatements(...statements);
  }
}

/** A role's sessions can't be limited to less than an hour; the alias limits them further. */
function atLeastAnHour(duration: Duration): Duration {
  return duration.toSeconds() < 3600 ? Duration.hours(1) : duration;
}
