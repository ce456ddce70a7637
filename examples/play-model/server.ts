import { createServer, type IncomingMessage, type Server } from 'node:http';
import { featuresOf, type Moment } from './movement';
import { probabilities } from './softmax';
import learned from './weights.json';

/** More than 20 moments of 100 people need. */
const MAX_BYTES = 512 * 1024;

/** The request is wrong, and would be the next time. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What the movement of people is most likely going to be: `schemas/frame-analysis.v1.json`. */
function predict(request: unknown): object {
  const features = featuresOf(momentsOf(request));
  const detections = features
    ? probabilities(features, learned).map((share, index) => ({
        label: learned.classes[index],
        confidence: 100 * share,
      }))
    : [];
  return { schemaVersion: '1.0', detections: detections.sort((one, other) => other.confidence - one.confidence) };
}

/** `schemas/movement-request.v1.json`, of which only the moments count. */
function momentsOf(request: unknown): Moment[] {
  const { moments } = (request ?? {}) as { moments?: unknown };
  if (!Array.isArray(moments) || moments.length === 0) throw new Refusal(400, '`moments` is missing.');
  return moments.map((each: { capturedAt?: unknown; people?: unknown } | null) => {
    const at = Date.parse(String(each?.capturedAt));
    const people = each?.people;
    const isPlace = (place: unknown) => typeof place === 'number' && place >= 0 && place <= 1;
    if (Number.isNaN(at) || !Array.isArray(people) || !people.every((one) => isPlace(one?.x) && isPlace(one?.y))) {
      throw new Refusal(400, 'A moment needs `capturedAt`, and `people` with `x` and `y` from 0 to 1.');
    }
    return { at, people };
  });
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Refusal(413, `More than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'It is not JSON.');
  }
}

async function answer(request: IncomingMessage): Promise<object> {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /ping') return {};
  if (route !== 'POST /invocations') throw new Refusal(404, `There is no ${route}.`);
  if (!request.headers['content-type']?.startsWith('application/json'))
    throw new Refusal(415, 'Only application/json.');
  return predict(await read(request));
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html */
export function serve(port: number): Server {
  const server = createServer((request, response) => {
    answer(request)
      .then(
        (content) => ({ status: 200, content }),
        (error: Error) => ({
          status: error instanceof Refusal ? error.status : 500,
          content: { message: error.message },
        }),
      )
      .then(({ status, content }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
      })
      .catch(() => response.destroy());
  });
  return server.listen(port);
}

if (require.main === module) {
  const server = serve(Number(process.env.PORT ?? 8080));
  // SageMaker gives it 30 seconds to end.
  process.on('SIGTERM', () => server.close());
}
