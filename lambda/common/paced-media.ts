import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { connectedPacer } from './connected-pacer';
import { jsonText, parseEnvironment } from './environment';
import { mediaConfiguration, type MediaPorts } from './fleet-media';
import { kinesisVideoClient } from './kinesis-video';
import { paceClient } from './pacer';

const environment = z.object({ MEDIA: jsonText(mediaConfiguration) });

/** What every function has that keeps the media of devices in order, from its environment. */
export function pacedMedia(): MediaPorts {
  const { MEDIA } = parseEnvironment(environment);
  const pace = connectedPacer(DynamoDBDocumentClient.from(new DynamoDBClient()));
  return {
    iot: new IoTClient({ retryMode: 'adaptive' }),
    kinesisVideo: paceClient(kinesisVideoClient(), pace),
    configuration: MEDIA,
  };
}
