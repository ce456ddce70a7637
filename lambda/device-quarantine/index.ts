import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { kinesisVideoClient } from '../common/kinesis-video';
import { observed } from '../common/observability';
import { handle, type Ports, type Report } from './handler';

const environment = parseEnvironment(
  z.object({
    ALLOW_LIST_TABLE: z.string(),
    QUARANTINE_POLICY: z.string(),
    THING_TYPE: z.string(),
    CAMERAS: jsonText(z.array(z.string())),
  }),
);
const ports: Ports = {
  iot: new IoTClient({ retryMode: 'adaptive' }),
  iotData: new IoTDataPlaneClient(),
  kinesisVideo: kinesisVideoClient(),
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
  tableName: environment.ALLOW_LIST_TABLE,
  quarantinePolicyName: environment.QUARANTINE_POLICY,
  thingTypeName: environment.THING_TYPE,
  cameras: environment.CAMERAS,
  now: Date.now,
};

export const handler = observed((event: unknown): Promise<Report> => handle(event, ports));
