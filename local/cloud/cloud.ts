import { startDynamoDB } from './dynamodb';
import { startEventSourceMapping, type EventSourceMappingProps } from './event-source-mapping';
import { functions as lambda, type FunctionsProps } from './functions';
import { startGateway, type GatewayProps } from './gateway';
import { Principals } from './principals';
import { startS3 } from './s3';
import { sns as topics } from './sns';
import { sqs as queues } from './sqs';
import { sts } from './sts';

export interface CloudProps extends Pick<GatewayProps, 'faults' | 'onCall'> {
  /** @default '111122223333' */
  readonly account?: string;
  /** @default 'eu-west-1' */
  readonly region?: string;
  readonly functions?: Pick<FunctionsProps, 'retryAfter' | 'kill' | 'pages' | 'onLine'>;
}

type Mapping = Omit<EventSourceMappingProps, 'region' | 'principals' | 'url' | 'queueUrl' | 'role'>;

/** How many batches of a queue are handled at once, whatever its mapping says: this is one machine. */
const MAX_CONCURRENCY = 2;

/** Services that functions use, in this process. Further ones are added to the gateway. */
export async function startCloud(props: CloudProps = {}) {
  const { account = '111122223333', region = 'eu-west-1', faults, onCall } = props;
  const principals = new Principals();
  const gateway = await startGateway({ principals, faults, onCall });
  // Clients of S3 have buckets in the path, and not in the host, only where that is an address.
  const url = gateway.url.replace('localhost', '127.0.0.1');
  const place = { account, region, principals, url: () => url };
  const sqs = queues(place);
  const sns = topics(place);
  const functions = lambda({ ...place, ...props.functions });
  const [s3, dynamodb] = await Promise.all([startS3(place), startDynamoDB(place)]);
  const services = [sqs, sns, functions, s3, dynamodb].map(({ service }) => service);
  for (const service of [...services, sts({ principals, account })]) gateway.add(service);
  const mappings: ReturnType<typeof startEventSourceMapping>[] = [];

  return {
    account,
    region,
    principals,
    gateway,
    url,
    sqs,
    sns,
    functions,
    s3,
    dynamodb,
    startMapping: (mapping: Mapping): void => {
      const concurrency = Math.min(mapping.concurrency ?? MAX_CONCURRENCY, MAX_CONCURRENCY);
      const queueUrl = sqs.queue(mapping.queueArn.split(':').at(-1)!).settings.url;
      const { role } = functions.settingsOf(mapping.functionName);
      mappings.push(startEventSourceMapping({ region, principals, url, role, queueUrl, ...mapping, concurrency }));
    },
    stop: async () => {
      await Promise.all(mappings.map((mapping) => mapping.stop()));
      await functions.stop();
      await Promise.all([sns.stop(), s3.stop()]);
      sqs.stop();
      await gateway.stop();
      await dynamodb.stop();
    },
  };
}

export type Cloud = Awaited<ReturnType<typeof startCloud>>;
