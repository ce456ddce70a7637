import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allowClosing, allowRooms, makeRole } from '../private/consultation-access';
import { consultationSettings } from '../private/consultation-settings';
import { AUDIT_LOGS, HandlerFunction, handlerMetric } from '../private/handler-function';
import { keptTable } from '../private/kept-table';
import { checkTokenSource, issuerOf } from '../private/token-issuer';
import { checkFleetName } from '../private/validation';
import { ViewingGateway, type Route } from '../private/viewing-gateway';
import { ViewerPool, type ViewerPoolOptions } from './viewer-pool';
import type { TokenIssuer } from './viewing-options';

/**
 * Properties of `Consultations`.
 */
export interface ConsultationsProps {
  /**
   * The name that rooms and recordings begin with, and carry as the tag `cdk-kinesis-video:fleet`. 1 to 64 of
   * `a-z A-Z 0-9 _ -`.
   */
  readonly fleetName: string;

  /**
   * How clinicians and patients sign in to a user pool, which is made. Either this or `issuer` is needed.
   * @default - `issuer` has them
   */
  readonly signIn?: ViewerPoolOptions;

  /**
   * Who issues the tokens instead.
   * @default - the user pool that is made
   */
  readonly issuer?: TokenIssuer;

  /**
   * The claim that lists the roles of a caller.
   * @default 'cognito:groups'
   */
  readonly rolesClaim?: string;

  /**
   * The role that books and cancels appointments: no spaces or commas.
   * @default 'scheduler'
   */
  readonly schedulerRole?: string;

  /**
   * How long before the beginning of an appointment its room is open: up to 60 minutes.
   * @default Duration.minutes(10)
   */
  readonly earlyEntry?: Duration;

  /**
   * How long recordings are kept: whole hours, from 1 hour to 87,600 hours (10 years). A recording that exists keeps its own.
   * @default Duration.days(30)
   */
  readonly recordingRetention?: Duration;

  /**
   * For how long after its end it is on record who met in an appointment, and what the patient said to recording: whole days,
   * from 1 to 36,500.
   * @default Duration.days(2192) - six years
   */
  readonly recordRetention?: Duration;

  /**
   * The key of recordings and of the table. It must be a customer-managed one.
   * @default - a new one, rotated yearly
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The origins from which browsers may call: `https://…` without a path, or `http://localhost:…`.
   * @default - none
   */
  readonly allowedOrigins?: string[];

  /**
   * What becomes of the table, the logs, the user pool and a key that is made when they leave the stack. Recordings are in no
   * stack, and stay.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const { GET, POST, PUT, DELETE } = apigatewayv2.HttpMethod;

const ROUTES: Route[] = [
  ['/v1/appointments/{id}', GET, PUT, DELETE],
  ['/v1/appointments/{id}/consent', PUT],
  ['/v1/appointments/{id}/session', POST],
  ['/v1/appointments/{id}/recording', POST],
];

/**
 * An HTTP API by which a clinician and a patient meet over WebRTC: the two of an appointment, from some minutes before it
 * begins until it ends, and nobody else. It is recorded only while the patient consents.
 *
 * Each appointment has a room, a signaling channel of its own, which is made when the first of them comes and is deleted when
 * the appointment is over; nothing of it is in a template. If the patient consents, what goes through it is stored in a
 * stream of the appointment's own, which no function of this construct can read or delete. The patient is the master of the
 * channel: it is the master's video that can be recorded, and **while it is, viewers send no video and nothing goes from peer
 * to peer**.
 *
 * @stateful
 * @see https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/webrtc-ingestion.html
 *
 * @exampleMetadata fixture=stack
 * @example
 * const consultations = new Consultations(stack, 'Consultations', {
 *   fleetName: 'practice',
 *   signIn: { domainPrefix: 'practice-consultations', callbackUrls: ['https://practice.example.com/signed-in'] },
 *   allowedOrigins: ['https://practice.example.com'],
 * });
 * new CfnOutput(stack, 'ConsultationsUrl', { value: consultations.url });
 */
export class Consultations extends Construct {
  /** The name that rooms and recordings begin with. */
  public readonly fleetName: string;

  /** Who meets whom and when, and what the patient said to recording. */
  public readonly table: dynamodb.ITable;

  /** The key of recordings and of the table. */
  public readonly encryptionKey: kms.IKey;

  /** The API. */
  public readonly api: apigatewayv2.IHttpApi;

  /** Where it is, without a slash at the end. */
  public readonly url: string;

  /** The function behind it. */
  public readonly handler: lambda.IFunction;

  /** The function that closes rooms. */
  public readonly closer: lambda.IFunction;

  /** What the function's log has on record: who was let into which room, who was refused, and who consented. */
  public readonly auditLogGroup: logs.ILogGroup;

  /** The role of patients, who are the masters of rooms. It is always cut down to one room. */
  public readonly patientRole: iam.IRole;

  /** The role of clinicians, who are viewers. It is always cut down to one room. */
  public readonly clinicianRole: iam.IRole;

  /** The user pool, if it was made. */
  public readonly participants?: ViewerPool;

  /** Goes off when several requests failed within five minutes that shouldn't have. */
  public readonly serverErrorAlarm: cloudwatch.Alarm;

  /** Goes off when rooms that are over could not be closed for a quarter of an hour, or nobody looked after them. */
  public readonly closingAlarm: cloudwatch.Alarm;

  /** Goes off when a recording was stopped minutes after the consent to it was withdrawn, and not at once. */
  public readonly consentAlarm: cloudwatch.Alarm;

  /** All alarms. */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * @throws ValidationError with one of the codes `FleetName`, `ConsultationEntry`, `ConsultationRetention`, `ViewingClaim`,
   * `ViewingIssuer`, `ViewingOrigin` and those of `ViewerPool`
   */
  constructor(scope: Construct, id: string, props: ConsultationsProps) {
    super(scope, id);
    const { fleetName, removalPolicy = RemovalPolicy.RETAIN } = props;
    checkFleetName(this, fleetName);
    this.fleetName = fleetName;
    const settings = consultationSettings(this, props);
    checkTokenSource(this, props);
    this.encryptionKey =
      props.encryptionKey ??
      new kms.Key(this, 'Key', {
        description: `Consultations of ${fleetName}`,
        enableKeyRotation: true,
        removalPolicy,
      });
    const rooms = { fleetName, encryptionKey: this.encryptionKey };
    this.table = keptTable(this, 'Table', {
      partitionKey: 'id',
      expires: true,
      encryptionKey: this.encryptionKey,
      removalPolicy,
    });
    const environment = {
      APPOINTMENT_TABLE: this.table.tableName,
      RECORD_DAYS: Stack.of(this).toJsonString(settings.recordDays),
      ROOMS: Stack.of(this).toJsonString({
        fleetName,
        recordingHours: settings.recordingHours,
        keyArn: this.encryptionKey.keyArn,
      }),
    };

    const handler = new HandlerFunction(this, 'Handler', {
      handler: 'consultations',
      description: `Lets clinicians and patients of ${fleetName} meet`,
      // As long as the API waits for it: a room is made meanwhile.
      timeout: Duration.seconds(29),
      memorySize: 512,
      logs: { ...AUDIT_LOGS, removalPolicy },
      environment: {
        ...environment,
        ROLES_CLAIM: settings.rolesClaim,
        SCHEDULER_ROLE: settings.schedulerRole,
        EARLY_SECONDS: Stack.of(this).toJsonString(settings.earlySeconds),
      },
    });
    this.table.grant(handler, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    this.encryptionKey.grantEncryptDecrypt(handler);
    allowRooms(this, handler, rooms);
    this.patientRole = makeRole(this, 'Patient', handler, rooms);
    this.clinicianRole = makeRole(this, 'Clinician', handler, rooms);
    handler.addEnvironment('PATIENT_ROLE', this.patientRole.roleArn);
    handler.addEnvironment('CLINICIAN_ROLE', this.clinicianRole.roleArn);
    this.handler = handler;
    this.auditLogGroup = handler.logGroup;
    this.closer = this.closeRooms(environment, rooms, removalPolicy);

    this.participants =
      props.signIn &&
      new ViewerPool(this, 'Participants', { ...props.signIn, roles: [settings.schedulerRole], removalPolicy });
    const gateway = new ViewingGateway(this, 'Gateway', {
      description: `Consultations of ${fleetName}`,
      handler,
      issuer: this.participants ? issuerOf(this.participants) : props.issuer!,
      routes: ROUTES,
      allowedOrigins: props.allowedOrigins,
      removalPolicy,
    });
    this.api = gateway.api;
    this.url = gateway.api.apiEndpoint;

    this.serverErrorAlarm = this.alarm(
      'ServerErrorAlarm',
      gateway.api.metricServerError({ statistic: cloudwatch.Stats.SUM, period: Duration.minutes(5) }),
      { alarmDescription: `Consultations of ${fleetName}: requests that failed`, threshold: 5 },
    );
    this.closingAlarm = this.alarm(
      'ClosingAlarm',
      this.closer.metricErrors({ statistic: cloudwatch.Stats.SUM, period: Duration.minutes(5) }),
      {
        alarmDescription: `Consultations of ${fleetName}: rooms of appointments that are over could not be closed`,
        evaluationPeriods: 3,
        treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      },
    );
    this.consentAlarm = this.alarm('ConsentAlarm', this.metricOf('consultation-rooms', 'RecordingStoppedLate'), {
      alarmDescription: `Consultations of ${fleetName}: a recording went on for minutes after its consent was withdrawn`,
    });
    this.alarms = [this.serverErrorAlarm, this.closingAlarm, this.consentAlarm];
  }

  /**
   * A metric in the namespace `KinesisVideoFleet`: `AccessGranted`, `AccessDenied`, `ConsentGiven`, `ConsentWithdrawn`. Sum
   * over 5 minutes.
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf('consultations', metricName, props);
  }

  /** How many rooms are open. Maximum over 5 minutes. */
  public metricRoomsOpen(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOf('consultation-rooms', 'RoomsOpen', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  private closeRooms(
    environment: Record<string, string>,
    rooms: Parameters<typeof allowClosing>[2],
    removalPolicy: RemovalPolicy,
  ): lambda.IFunction {
    const closer = new HandlerFunction(this, 'Closer', {
      handler: 'consultation-rooms',
      description: `Closes rooms of ${rooms.fleetName}`,
      // Shorter than the schedule, so that one ends before the next one begins.
      timeout: Duration.minutes(4),
      logs: { ...AUDIT_LOGS, removalPolicy },
      environment,
    });
    this.table.grant(closer, 'dynamodb:GetItem');
    this.encryptionKey.grantDecrypt(closer);
    allowClosing(this, closer, rooms);
    new events.Rule(this, 'Closing', {
      description: `Rooms of ${rooms.fleetName} that are over`,
      schedule: events.Schedule.rate(Duration.minutes(5)),
      targets: [new targets.LambdaFunction(closer)],
    });
    return closer;
  }

  private metricOf(handler: string, metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, handler, metricName, { statistic: cloudwatch.Stats.SUM, ...props });
  }

  private alarm(
    id: string,
    metric: cloudwatch.Metric,
    props: Partial<cloudwatch.CreateAlarmOptions>,
  ): cloudwatch.Alarm {
    return metric.createAlarm(this, id, {
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
    });
  }
}
