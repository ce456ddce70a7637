import type { Duration } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import { CfnTable, type CfnDatabase } from 'aws-cdk-lib/aws-glue';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export const AUDIT_TABLE = 'cloudtrail';

const ACCOUNT = 'type:string,principalid:string,arn:string,accountid:string,username:string';

const SESSION = [
  'attributes:struct<mfaauthenticated:string,creationdate:string>',
  `sessionissuer:struct<${ACCOUNT}>`,
  'sourceidentity:string',
  'ec2roledelivery:string',
  'webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>',
].join(',');

/** Of the fields of a record, those that AWS documents for all events. What is nested without a form of its own is JSON. */
const COLUMNS: Record<string, string> = {
  eventversion: 'string',
  useridentity: `struct<${ACCOUNT},invokedby:string,accesskeyid:string,sessioncontext:struct<${SESSION}>>`,
  eventtime: 'string',
  eventsource: 'string',
  eventname: 'string',
  awsregion: 'string',
  sourceipaddress: 'string',
  useragent: 'string',
  errorcode: 'string',
  errormessage: 'string',
  requestparameters: 'string',
  responseelements: 'string',
  additionaleventdata: 'string',
  requestid: 'string',
  eventid: 'string',
  readonly: 'string',
  resources: 'array<struct<arn:string,accountid:string,type:string>>',
  eventtype: 'string',
  apiversion: 'string',
  recipientaccountid: 'string',
  serviceeventdetails: 'string',
  sharedeventid: 'string',
  vpcendpointid: 'string',
  eventcategory: 'string',
  sessioncredentialfromconsole: 'string',
  tlsdetails: 'struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>',
};

/**
 * The records of a trail of one account and region as a table, whose partitions are the days. Nobody has to add them:
 * Athena makes up their places by the projection.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
 */
export function auditTable(scope: Construct, database: CfnDatabase, logs: s3.IBucket, retention: Duration): CfnTable {
  const { account, region } = Stack.of(scope);
  const location = `s3://${logs.bucketName}/AWSLogs/${account}/CloudTrail/${region}`;
  // eslint-disable-next-line awscdk/require-passing-this -- it is the caller's
  return new CfnTable(scope, 'Table', {
    catalogId: account,
    databaseName: database.ref,
    tableInput: {
      name: AUDIT_TABLE,
      description: 'Who did what, as CloudTrail records it',
      tableType: 'EXTERNAL_TABLE',
      parameters: {
        EXTERNAL: 'TRUE',
        'projection.enabled': 'true',
        'projection.day.type': 'date',
        'projection.day.format': 'yyyy/MM/dd',
        'projection.day.interval': '1',
        'projection.day.interval.unit': 'DAYS',
        'projection.day.range': `NOW-${retention.toDays()}DAYS,NOW`,
        'storage.location.template': `${location}/\${day}`,
      },
      partitionKeys: [{ name: 'day', type: 'string' }],
      storageDescriptor: {
        location,
        columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type })),
        inputFormat: 'com.amazon.emr.cloudtrail.CloudTrailInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
        serdeInfo: { serializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
      },
    },
  });
}
