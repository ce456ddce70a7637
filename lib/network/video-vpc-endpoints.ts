import { Fn, Stack, Token, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { InterfaceVpcEndpointTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { IotEndpoints } from '../private/iot-endpoints';
import { checkPattern, fail, lit } from '../private/validation';

/**
 * What the clients of a video fleet call. The values are the names of the endpoint services.
 */
export enum VideoService {
  /** MQTT and HTTP. An endpoint carries 100,000 connections, with a keep-alive of 230 seconds at most. */
  IOT_DATA = 'iot.data',
  /** The credentials provider. Not in China and GovCloud. */
  IOT_CREDENTIALS = 'iot.credentials',
  /** Analysis of images. Not in China. */
  REKOGNITION = 'rekognition',
  /** Topics of alerts. */
  SNS = 'sns',
  /** Queues of images and events. */
  SQS = 'sqs',
  /** Roles that clients assume. */
  STS = 'sts',
  /** Keys of media and messages. */
  KMS = 'kms',
  /** Logs of the clients. */
  CLOUDWATCH_LOGS = 'logs',
  /** Images and clips. A gateway endpoint. */
  S3 = 's3',
  /** State of alerts and sessions. A gateway endpoint. */
  DYNAMODB = 'dynamodb',
  /** Kinesis Video Streams, without WebRTC: asked for with `kinesisVideo`. */
  KINESIS_VIDEO = 'kinesisvideo',
}

const GATEWAYS = [VideoService.S3, VideoService.DYNAMODB];

/** The hosts of the endpoints of AWS IoT, which have neither private DNS nor endpoint policies. */
const IOT_HOSTS: { [service: string]: { prop: string; type: string; found: 'data' | 'credentials'; pattern: RegExp } } =
  {
    [VideoService.IOT_DATA]: {
      prop: 'iotDataHost',
      type: 'iot:Data-ATS',
      found: 'data',
      pattern: /^(?!.*\.credentials\.iot\.)[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
    },
    [VideoService.IOT_CREDENTIALS]: {
      prop: 'iotCredentialsHost',
      type: 'iot:CredentialProvider',
      found: 'credentials',
      pattern: /^[a-z0-9]+\.credentials\.iot(\.[a-z0-9-]+)+$/i,
    },
  };

/** Regions where a service has no endpoint. */
const MISSING: { [service: string]: RegExp } = {
  [VideoService.IOT_CREDENTIALS]: /^(cn|us-gov)-/,
  [VideoService.REKOGNITION]: /^cn-/,
};

/**
 * Properties of `VideoVpcEndpoints`.
 */
export interface VideoVpcEndpointsProps {
  /**
   * The VPC, with DNS support and DNS host names switched on.
   */
  readonly vpc: ec2.IVpc;

  /**
   * The services. Leave out what the VPC has already: a second endpoint with the same private DNS name fails to deploy,
   * and so does a second route to S3 or DynamoDB.
   * @default - all that the region has, but not KINESIS_VIDEO
   */
  readonly services?: VideoService[];

  /**
   * Whether Kinesis Video Streams is called privately too. **This breaks WebRTC in the whole VPC**: the private DNS name,
   * without which the endpoint serves nothing, captures the hosts of signaling as well, which the endpoint doesn't serve.
   * WebRTC needs another VPC. Makes the synth warning `cdk-kinesis-video:kinesisVideoEndpointBreaksWebRtc`, to be
   * acknowledged where the choice is made.
   *
   * The endpoint is not in every region, takes 500 requests a second of an account, and in GovCloud answers to the FIPS
   * host only. Players of HLS and DASH send a token in place of a signature: try whether the endpoint's policy lets them
   * through, AWS doesn't say.
   * @see https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/vpc-interface-endpoints.html
   * @default false
   */
  readonly kinesisVideo?: boolean;

  /**
   * Where the interface endpoints are, one subnet for each zone. Not every service is in every zone.
   * @default - private subnets with egress, or the isolated ones where there are none
   */
  readonly subnets?: ec2.SubnetSelection;

  /**
   * The security group of the interface endpoints. It gets no rules, so it must let the clients in itself.
   * @default - a new one, open to the first CIDR block of the VPC at the ports 443 and, for IOT_DATA, 8883; `connections`
   * opens it to others
   */
  readonly securityGroup?: ec2.ISecurityGroup;

  /**
   * The accounts whose principals get through the endpoints: numbers of 12 digits, at least one.
   * @default - the account of the stack
   */
  readonly principalAccounts?: string[];

  /**
   * The host by which clients know IOT_DATA: the account's endpoint of the type `iot:Data-ATS`, or a custom domain.
   * @default - the account's endpoint, looked up at deployment
   */
  readonly iotDataHost?: string;

  /**
   * The host by which devices know IOT_CREDENTIALS: the account's endpoint of the type `iot:CredentialProvider`.
   * @default - the account's endpoint, looked up at deployment
   */
  readonly iotCredentialsHost?: string;
}

/**
 * The VPC endpoints through which the clients of a video fleet call AWS without the internet: consumers of streams,
 * detectors, and devices that come in over a VPN. Interface endpoints are billed for each hour and zone; the gateway
 * endpoints, in the route tables of all subnets that are not public, are free.
 *
 * Endpoint policies let only principals of the stack's account through, so that nobody carries data out with credentials
 * of another. That also stops requests that are unsigned, or signed by AWS itself: package repositories of Amazon Linux
 * at S3, or AssumeRoleWithWebIdentity (pods in EKS) at STS. S3 still gives out the layers of ECR images, and takes the
 * answers of custom resources and wait conditions. `endpoints.endpointOf(VideoService.S3).addToPolicy(statement)` lets
 * more through.
 *
 * AWS IoT has no endpoint policies; the condition `aws:SourceVpce` in the policies of devices takes their place. AWS
 * makes no DNS names for it either, so each of its endpoints gets a private hosted zone with the account's host.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
 *
 * const vpc = new Vpc(stack, 'Vpc', {
 *   maxAzs: 2,
 *   subnetConfiguration: [{ name: 'clients', subnetType: SubnetType.PRIVATE_ISOLATED }],
 * });
 * new VideoVpcEndpoints(stack, 'Endpoints', { vpc });
 */
export class VideoVpcEndpoints extends Construct implements ec2.IConnectable {
  /** Who reaches the interface endpoints. The default port is 443; MQTT with a certificate needs 8883. */
  public readonly connections: ec2.Connections;

  private readonly endpoints: { [service: string]: ec2.VpcEndpoint } = {};

  /**
   * @throws ValidationError with one of the codes `EndpointServices`, `EndpointAccounts` and `EndpointHost`
   */
  constructor(scope: Construct, id: string, props: VideoVpcEndpointsProps) {
    super(scope, id);
    const { vpc, subnets } = props;
    const services = this.servicesOf(props.services, props.kinesisVideo);
    const fromAccounts = this.fromAccounts(props.principalAccounts ?? [Stack.of(this).account]);
    const interfaces = services.filter((service) => !GATEWAYS.includes(service));
    const securityGroups = interfaces.length > 0 ? [props.securityGroup ?? this.openTo(vpc, interfaces)] : [];
    this.connections = new ec2.Connections({ securityGroups, defaultPort: ec2.Port.HTTPS });

    for (const service of interfaces) {
      this.endpoints[service] = new ec2.InterfaceVpcEndpoint(this, service, {
        vpc,
        subnets,
        service: new ec2.InterfaceVpcEndpointAwsService(service),
        securityGroups,
        // Otherwise each endpoint would write its rules into a group that is the user's.
        open: false,
        privateDnsEnabled: !(service in IOT_HOSTS),
      });
    }
    const inside = [...vpc.privateSubnets, ...vpc.isolatedSubnets];
    for (const service of services.filter((service) => GATEWAYS.includes(service))) {
      this.endpoints[service] = new ec2.GatewayVpcEndpoint(this, service, {
        vpc,
        service: new ec2.GatewayVpcEndpointAwsService(service),
        subnets: [{ subnets: inside.length > 0 ? inside : vpc.publicSubnets }],
      });
    }
    for (const [service, endpoint] of Object.entries(this.endpoints)) {
      if (!(service in IOT_HOSTS)) endpoint.addToPolicy(fromAccounts);
    }
    this.allowAwsBuckets();
    this.nameIotEndpoint(VideoService.IOT_DATA, vpc, props.iotDataHost);
    this.nameIotEndpoint(VideoService.IOT_CREDENTIALS, vpc, props.iotCredentialsHost);

    if (!props.kinesisVideo) return;
    Validations.of(this).addWarning(
      'cdk-kinesis-video:kinesisVideoEndpointBreaksWebRtc',
      `The endpoint of Kinesis Video Streams breaks WebRTC for everything in the VPC '${vpc.node.path}'. Acknowledge this if nothing there uses WebRTC.`,
    );
  }

  /**
   * The endpoint of a service, to add to its policy or to name it in conditions. Those of AWS IoT take no policy.
   * @throws ValidationError `NoEndpoint` when the service was not chosen
   */
  public endpointOf(service: VideoService): ec2.VpcEndpoint {
    const made = Object.keys(this.endpoints).join(', ');
    return this.endpoints[service] ?? fail(this, lit`NoEndpoint`, `'${service}' has no endpoint here, only ${made}.`);
  }

  private servicesOf(given?: VideoService[], kinesisVideo?: boolean): VideoService[] {
    const { region } = Stack.of(this);
    const isMissing = (service: VideoService) => MISSING[service]?.test(region);
    const harmless = Object.values(VideoService).filter((service) => service !== VideoService.KINESIS_VIDEO);
    const services = new Set(given ?? harmless.filter((service) => !isMissing(service)));

    const missing = [...services].find(isMissing);
    if (missing) {
      fail(this, lit`EndpointServices`, `'${missing}' has no endpoint in ${region}; leave it out of \`services\`.`);
    }
    if (services.has(VideoService.KINESIS_VIDEO)) {
      fail(this, lit`EndpointServices`, 'KINESIS_VIDEO breaks WebRTC; ask for it with `kinesisVideo: true`.');
    }
    if (kinesisVideo) services.add(VideoService.KINESIS_VIDEO);
    if (services.size === 0) fail(this, lit`EndpointServices`, '`services` is empty; name one at least.');
    return [...services];
  }

  private openTo(vpc: ec2.IVpc, interfaces: VideoService[]): ec2.SecurityGroup {
    const description = 'VPC endpoints of a video fleet';
    const group = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description, allowAllOutbound: false });
    const clients = ec2.Peer.ipv4(vpc.vpcCidrBlock);
    group.addIngressRule(clients, ec2.Port.HTTPS, 'HTTPS from the VPC');
    if (interfaces.includes(VideoService.IOT_DATA)) {
      group.addIngressRule(clients, ec2.Port.tcp(8883), 'MQTT from the VPC');
    }
    return group;
  }

  private fromAccounts(accounts: string[]): iam.PolicyStatement {
    if (accounts.length === 0) fail(this, lit`EndpointAccounts`, '`principalAccounts` is empty; name one at least.');
    for (const account of Token.isUnresolved(accounts) ? [] : accounts) {
      checkPattern(this, lit`EndpointAccounts`, 'principalAccounts', account, /^\d{12}$/, 'a number of 12 digits');
    }
    return allow('*', ['*'], { StringEquals: { 'aws:PrincipalAccount': accounts } });
  }

  /** Clients use these buckets by URLs that AWS has signed with accounts of its own. */
  private allowAwsBuckets(): void {
    const { partition, region } = Stack.of(this);
    const objects = (bucket: string) => `arn:${partition}:s3:::${bucket}/*`;
    const answers = `cloudformation-custom-resource-response-${Fn.join('', Fn.split('-', region))}`;
    const endpoint = this.endpoints[VideoService.S3];
    endpoint?.addToPolicy(allow('s3:GetObject', [objects(`prod-${region}-starport-layer-bucket`)]));
    endpoint?.addToPolicy(allow('s3:PutObject', [objects(answers), objects(`cloudformation-waitcondition-${region}`)]));
  }

  private nameIotEndpoint(service: VideoService, vpc: ec2.IVpc, host?: string): void {
    const { prop, type, found, pattern } = IOT_HOSTS[service];
    const endpoint = this.endpoints[service] as ec2.InterfaceVpcEndpoint | undefined;
    checkPattern(this, lit`EndpointHost`, prop, host, pattern, `a host of the type ${type}, without scheme and port`);
    if (!endpoint) {
      if (host) fail(this, lit`EndpointHost`, `\`${prop}\` is given, but '${service}' gets no endpoint; leave it out.`);
      return;
    }

    // A zone for nothing but the host: it leaves all other names of AWS IoT to the public zones.
    const zoneName = host ?? IotEndpoints.of(this)[found];
    const zone = new route53.PrivateHostedZone(endpoint, 'Zone', { vpc, zoneName });
    const target = route53.RecordTarget.fromAlias(new InterfaceVpcEndpointTarget(endpoint));
    new route53.ARecord(endpoint, 'Alias', { zone, target });
  }
}

function allow(action: string, resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  return new iam.PolicyStatement({ principals: [new iam.StarPrincipal()], actions: [action], resources, conditions });
}
