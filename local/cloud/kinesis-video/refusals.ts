import type { ImageGenerationConfiguration } from '@aws-sdk/client-kinesis-video';
import { ServiceError } from '../service';
import type { Medium } from './medium';

export function notFound(kind: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `The requested ${kind} is not found or not active.`, 404);
}

export function inUse({ kind, name, status }: Medium): ServiceError {
  return new ServiceError('ResourceInUseException', `The ${kind} ${name} is ${status}.`);
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidArgumentException', message);
}

export function noRetention(): ServiceError {
  return new ServiceError('NoDataRetentionException', 'The stream retains no data.');
}

export function atLimit(what: string, limit: number, rest = 'LimitExceededException'): ServiceError {
  return new ServiceError(`${what}${rest}`, `There are ${limit} already.`);
}

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_ImageGenerationConfiguration.html */
export function checkImages(
  { SamplingInterval, DestinationConfig }: ImageGenerationConfiguration,
  region: string,
): void {
  if (SamplingInterval! < 200) throw invalid('The SamplingInterval is 200 ms at least.');
  if (DestinationConfig!.DestinationRegion !== region) throw invalid(`The DestinationRegion is ${region}.`);
}
