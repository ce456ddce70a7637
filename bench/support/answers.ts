import { NodeHttpHandler } from '@smithy/node-http-handler';

interface HttpRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

/** What services answer, by what a request asks for, in their protocols. */
const ANSWERS: Record<string, string> = {
  'DynamoDB_20120810.UpdateItem': '{"Attributes":{"next":{"N":"0"}}}',
  'RekognitionService.DetectLabels': JSON.stringify({
    Labels: [
      {
        Name: 'Person',
        Confidence: 99.1,
        Instances: Array.from({ length: 10 }, (_, index) => ({
          Confidence: 90 + index / 2,
          BoundingBox: { Left: index / 20, Top: 0.2, Width: 0.04, Height: 0.3 },
        })),
        Parents: [],
      },
      ...Array.from({ length: 20 }, (_, index) => ({
        Name: `Other ${index}`,
        Confidence: 60,
        Instances: [],
        Parents: [],
      })),
    ],
  }),
  '/describeStream':
    '{"StreamInfo":{"StreamARN":"arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1","Status":"ACTIVE","Version":"1"}}',
  '/createStream': '{"StreamARN":"arn:aws:kinesisvideo:eu-west-1:111122223333:stream/drone-1/1"}',
  '/createSignalingChannel': '{"ChannelARN":"arn:aws:kinesisvideo:eu-west-1:111122223333:channel/drone-1/1"}',
  things: '{"thingName":"drone-1","thingTypeName":"camera"}',
  sns: '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>',
  s3: '<CopyObjectResult><ETag>e</ETag></CopyObjectResult>',
};

/** Answers the requests of all clients of this process at once, so that what remains is what the process itself does. */
export function answerAtOnce(): void {
  NodeHttpHandler.prototype.handle = (async (request: HttpRequest) => {
    const { headers, hostname, path } = request;
    const [service] = hostname.split('.');
    const target = headers['x-amz-target'] ?? path;
    const body =
      ANSWERS[target] ?? ANSWERS[path.split('/')[1]] ?? ANSWERS[service.startsWith('amzn') ? 's3' : service] ?? '{}';
    const isXml = body.startsWith('<');
    return {
      response: {
        statusCode: 200,
        headers: { 'content-type': isXml ? 'text/xml' : 'application/x-amz-json-1.0' },
        body: Buffer.from(body),
      },
    };
  }) as unknown as typeof NodeHttpHandler.prototype.handle;
}
