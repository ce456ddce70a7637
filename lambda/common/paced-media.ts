import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { jsonText, parseEnvironment } from './environment';
import { mediaConfiguration, type MediaPorts } from './fleet-media';
import { kinesisVideoClient } from './kinesis-video';
import { paceClient, pacer, pacerSettings } from './pacer';

const environment = z.object({ MEDIA: jsonText(mediaConfiguration), PACER: jsonText(pacerSettings) });

/** What every function has that keeps the media of devices in order, from its environment. */
export function pacedMedia(): MediaPorts {
  const { MEDIA, PACER } = parseEnvironment(environment);
  const pace = pacer({
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
    settings: PACER,
    now: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  });
  return {
    iot: new IoTClient({ retryMode: 'adaptive' }),
    kinesisVideo: paceClient(kinesisVideoClient(), pace),
    configuration: MEDIA,
  };
}
