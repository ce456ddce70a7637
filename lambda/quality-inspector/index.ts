import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { S3Client } from '@aws-sdk/client-s3';
import { ModelError, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { jsonText, parseEnvironment } from '../common/environment';
import { retryAlso } from '../common/errors';
import { queueWorker, workerPorts } from '../common/queue-worker';
import { read } from '../image-detector/objects';
import { handle, type Ports } from './handler';
import { Ledger } from './ledger';
import { inspectorSettings } from './settings';

const { INSPECTOR: settings } = parseEnvironment(z.object({ INSPECTOR: jsonText(inspectorSettings) }));
const worker = workerPorts();
const now = Date.now;
const s3 = new S3Client();

const ports: Ports = {
  settings,
  s3,
  now,
  sqs: worker.sqs,
  iotData: new IoTDataPlaneClient(),
  // A model that failed may answer the next time, and a try of the message is too precious for that.
  sagemaker: retryAlso(new SageMakerRuntimeClient(), (error) =>
    error instanceof ModelError && (error.OriginalStatusCode ?? 500) >= 500 ? 'transient' : undefined,
  ),
  ledger: new Ledger({
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient()),
    tableName: settings.tableName,
    now,
  }),
  readFrame: (frame, maxBytes) => read(s3, frame, maxBytes),
  abortAfter: (milliseconds) => AbortSignal.timeout(milliseconds),
  topicPrefix: settings.topicPrefix,
  signalUnknown: settings.signalUnknown,
};

export const handler = queueWorker((body, delivery) => handle(body, ports, delivery), worker);
