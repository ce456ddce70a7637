import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as deployment from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { bundle } from './bundle';

export interface ConsoleFilesProps {
  readonly bucket: s3.IBucket;
  /** What becomes `config.json`. It may have values that are known at deployment only. */
  readonly settings: object;
}

/** Puts the console's files into their bucket. */
export class ConsoleFiles extends Construct {
  constructor(scope: Construct, id: string, { bucket, settings }: ConsoleFilesProps) {
    super(scope, id);
    const files = deployment.Source.asset(bundle(this, 'console'));
    // Otherwise the function might write to any log of the account.
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logGroup.grants.write(role);
    const common = {
      destinationBucket: bucket,
      role,
      logGroup,
      // A console that is open since before asks for files of its own version.
      prune: false,
      retainOnDelete: false,
    };
    const assets = new deployment.BucketDeployment(this, 'Assets', {
      ...common,
      sources: [files],
      exclude: ['*'],
      include: ['assets/*'],
      // Their names change with what is in them.
      cacheControl: [
        deployment.CacheControl.setPublic(),
        deployment.CacheControl.maxAge(Duration.days(365)),
        deployment.CacheControl.immutable(),
      ],
    });
    const page = new deployment.BucketDeployment(this, 'Page', {
      ...common,
      sources: [files, deployment.Source.jsonData('config.json', settings)],
      exclude: ['assets/*'],
      cacheControl: [deployment.CacheControl.noCache()],
    });
    // The page names them.
    page.node.addDependency(assets);
  }
}
