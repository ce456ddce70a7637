import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Cloud } from '../cloud/cloud';
import type { Provisioners } from './resource';

/** What a table has that matters here. The rest is about encryption, backups, capacity and the end of items. */
const TABLE = ['AttributeDefinitions', 'KeySchema', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'] as const;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_DynamoDB.html */
export const TABLES: Provisioners = {
  'AWS::DynamoDB::Table': async (properties, { client: settings, physicalName, account, region }) => {
    const TableName = properties.TableName ?? physicalName(255);
    const known = Object.fromEntries(TABLE.map((name) => [name, properties[name]]));
    const client = new DynamoDBClient(settings);
    try {
      await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', ...known }));
      const status = async () => (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
      while ((await status()) !== 'ACTIVE');
    } finally {
      client.destroy();
    }
    return { ref: TableName, attributes: { Arn: `arn:aws:dynamodb:${region}:${account}:table/${TableName}` } };
  },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_S3.html */
export function buckets({ s3 }: Cloud): Provisioners {
  return {
    'AWS::S3::Bucket': async (
      { BucketName, NotificationConfiguration },
      { client: settings, physicalName, region },
    ) => {
      const name = BucketName ?? physicalName(63);
      const client = new S3Client(settings);
      try {
        await client.send(new CreateBucketCommand({ Bucket: name }));
      } finally {
        client.destroy();
      }
      if (NotificationConfiguration) await s3.configureNotifications(name, NotificationConfiguration);
      const attributes = {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      };
      return { ref: name, attributes };
    },
  };
}
