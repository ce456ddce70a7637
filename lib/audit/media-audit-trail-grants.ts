import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { MediaAuditTrail } from './media-audit-trail';

/**
 * Permissions on a `MediaAuditTrail`.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html
 */
export class MediaAuditTrailGrants {
  /** Grants on the given trail. */
  public static fromTrail(trail: MediaAuditTrail): MediaAuditTrailGrants {
    return new MediaAuditTrailGrants(trail);
  }

  private constructor(private readonly trail: MediaAuditTrail) {}

  /**
   * For auditors: to ask questions and to read answers and records, by Athena in the trail's workgroup and by CloudWatch
   * Logs in its log groups. They can change neither records nor questions, nor watch any media.
   */
  public readRecords(grantee: iam.IGrantable): iam.Grant {
    const { trail } = this;
    const { logBucket, resultBucket, databaseName, tableName } = trail;
    const grants = [
      this.allow(grantee, ATHENA, [this.arn('athena', 'workgroup', trail.workgroupName)]),
      this.allow(
        grantee,
        ['glue:GetDatabase', 'glue:GetPartitions', 'glue:GetTable'],
        [
          this.arn('glue', 'catalog'),
          this.arn('glue', 'database', databaseName),
          this.arn('glue', 'table', `${databaseName}/${tableName}`),
        ],
      ),
      this.allow(grantee, ['s3:GetBucketLocation', 's3:ListBucket'], [logBucket.bucketArn, resultBucket.bucketArn]),
      this.allow(grantee, ['s3:GetObject'], [logBucket.arnForObjects('AWSLogs/*')]),
      this.allow(
        grantee,
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        [resultBucket.arnForObjects('answers/*')],
      ),
      this.allow(grantee, ['kms:Decrypt', 'kms:GenerateDataKey'], [trail.encryptionKey.keyArn], {
        StringEquals: { 'kms:ViaService': `s3.${Stack.of(trail).region}.${Stack.of(trail).urlSuffix}` },
      }),
    ];
    const groups = trail.queriedLogGroups;
    if (groups.length > 0) {
      grants.push(
        this.allow(
          grantee,
          ['logs:GetLogRecord', 'logs:StartQuery'],
          groups.map(({ logGroupArn }) => logGroupArn),
        ),
        // These know no resources: they are about queries.
        this.allow(grantee, ['logs:DescribeQueryDefinitions', 'logs:GetQueryResults', 'logs:StopQuery'], ['*']),
      );
    }
    return grants.reduce((all, grant) => all.combine(grant));
  }

  private allow(
    grantee: iam.IGrantable,
    actions: string[],
    resourceArns: string[],
    conditions?: Record<string, Record<string, string>>,
  ): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
  }

  private arn(service: string, resource: string, resourceName?: string): string {
    const scope: IConstruct = this.trail;
    const arnFormat = resourceName ? ArnFormat.SLASH_RESOURCE_NAME : ArnFormat.NO_RESOURCE_NAME;
    return Stack.of(scope).formatArn({ service, resource, resourceName, arnFormat });
  }
}

const ATHENA = [
  'athena:BatchGetNamedQuery',
  'athena:BatchGetQueryExecution',
  'athena:GetNamedQuery',
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'athena:GetQueryResultsStream',
  'athena:GetWorkGroup',
  'athena:ListNamedQueries',
  'athena:ListQueryExecutions',
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
];
