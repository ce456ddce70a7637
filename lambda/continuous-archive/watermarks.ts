import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface WatermarkPorts {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly watermarkTable: string;
}

/** Up to when the media of each stream is stored, by the clock of AWS. */
export class Watermarks {
  constructor(private readonly ports: WatermarkPorts) {}

  async read(stream: string): Promise<number | undefined> {
    const { dynamodb, watermarkTable } = this.ports;
    const { Item } = await dynamodb.send(
      new GetCommand({ TableName: watermarkTable, Key: { stream }, ConsistentRead: true }),
    );
    return Item?.archivedTo as number | undefined;
  }

  /** Whether nobody else has moved it since it was read. */
  async move(stream: string, from: number | undefined, to: number): Promise<boolean> {
    const { dynamodb, watermarkTable } = this.ports;
    const isAsRead = from === undefined ? 'attribute_not_exists(archivedTo)' : 'archivedTo = :from';
    try {
      await dynamodb.send(
        new UpdateCommand({
          TableName: watermarkTable,
          Key: { stream },
          UpdateExpression: 'SET archivedTo = :to',
          ConditionExpression: isAsRead,
          ExpressionAttributeValues: { ':to': to, ...(from !== undefined && { ':from': from }) },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
