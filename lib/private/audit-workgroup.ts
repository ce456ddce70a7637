import { Duration, Names, Stack, type RemovalPolicy, type Size } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, type CfnTable } from 'aws-cdk-lib/aws-glue';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { auditQueries, type AuditSqlContext } from './audit-sql';
import { AUDIT_TABLE, auditTable } from './audit-table';
import { privateBucket } from './private-bucket';

export interface AuditWorkgroupProps extends Omit<AuditSqlContext, 'database' | 'table'> {
  readonly logs: s3.IBucket;
  readonly encryptionKey: kms.IKey;
  readonly retention: Duration;
  readonly answerRetention: Duration;
  readonly scanLimit: Size;
  readonly removalPolicy: RemovalPolicy;
}

/** Where auditors put their questions: the table, the questions that are kept, and a place for the answers. */
export class AuditWorkgroup extends Construct {
  public readonly database: CfnDatabase;
  public readonly table: CfnTable;
  public readonly workgroup: CfnWorkGroup;
  public readonly results: s3.IBucket;
  public readonly queries: CfnNamedQuery[];

  constructor(scope: Construct, id: string, props: AuditWorkgroupProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    const { encryptionKey } = props;
    this.results = privateBucket(this, 'Results', {
      encryptionKey,
      lifecycleRules: [{ expiration: props.answerRetention, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: props.removalPolicy,
    });
    // Athena takes lower case, digits and `_`.
    const name = Names.uniqueResourceName(this, { maxLength: 128, separator: '_' }).toLowerCase();
    this.database = new CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: { name, description: 'Who watched and who sent media' },
    });
    this.table = auditTable(this, this.database, props.logs, props.retention);
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }),
      description: 'Questions about who watched and who sent media',
      workGroupConfiguration: {
        // What a client asks for instead would write answers elsewhere, or in the clear.
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: props.scanLimit.toBytes(),
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: this.results.s3UrlForObject('answers/'),
          expectedBucketOwner: account,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: encryptionKey.keyArn },
        },
      },
    });
    this.queries = auditQueries({ ...props, database: name, table: AUDIT_TABLE }).map((query) => this.keep(query));
  }

  private keep({ name, description, sql }: ReturnType<typeof auditQueries>[number]): CfnNamedQuery {
    const query = new CfnNamedQuery(this, name, {
      name,
      description,
      database: this.database.ref,
      workGroup: this.workgroup.ref,
      queryString: sql,
    });
    query.addResourceDependency(this.table);
    return query;
  }
}
