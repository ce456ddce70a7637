import type { CdkCustomResourceHandler } from 'aws-lambda';
import { NOT_YET_ALLOWED } from '../common/errors';
import { kinesisVideoClient } from '../common/kinesis-video';
import { handle } from './handler';

const ports = { kinesisVideo: kinesisVideoClient({ maxAttempts: 12 }, ...NOT_YET_ALLOWED) };

export const handler: CdkCustomResourceHandler = (event) => handle(event, ports);
