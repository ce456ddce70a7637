import type { CdkCustomResourceHandler } from 'aws-lambda';
import { kinesisVideoClient } from '../common/kinesis-video';
import { handle } from './handler';

// The permission for a new setting is made right before the setting, and takes some seconds to work everywhere.
const ports = { kinesisVideo: kinesisVideoClient({}, 'AccessDeniedException', 'NotAuthorizedException') };

export const handler: CdkCustomResourceHandler = (event) => handle(event, ports);
