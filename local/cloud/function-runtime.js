// What runs in the thread of a function. JavaScript, because the thread has nothing that would read TypeScript.
const { subscribe } = require('node:diagnostics_channel');
const { join } = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');

/** How many answers of services the invocation gets to see; it dies of the next one. */
let answersLeft = Infinity;

// The service has done what it was asked to then, and nobody knows.
subscribe('http.client.response.finish', () => {
  if (answersLeft-- <= 0) process.exit(1);
});

const { fetch } = globalThis;
globalThis.fetch = (page, options) => fetch(typeof page === 'string' ? elsewhere(page) : page, options);

const handler = load();
parentPort.on('message', (invocation) => void run(invocation));

function elsewhere(page) {
  const [found, other] = Object.entries(workerData.pages).find(([start]) => page.startsWith(start)) ?? ['', ''];
  return other + page.slice(found.length);
}

function load() {
  const [file, name] = workerData.handler.split('.');
  try {
    const handler = require(join(workerData.directory, file))[name];
    if (typeof handler === 'function') return handler;
    throw Object.assign(new Error(`${workerData.handler} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  } catch (error) {
    // The first invocation is told, and the thread is of no use.
    return async () => {
      throw Object.assign(error, { isFatal: true });
    };
  }
}

async function run({ event, context, answers }) {
  answersLeft = answers ?? Infinity;
  process.env._X_AMZN_TRACE_ID = context.traceId;
  const { deadline, traceId, ...about } = context;
  const getRemainingTimeInMillis = () => Math.max(0, deadline - Date.now());
  let outcome;
  try {
    const result = await handler(JSON.parse(event), {
      ...about,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis,
    });
    outcome = { payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    outcome = { payload: JSON.stringify(told(error)), isError: true, isFatal: error?.isFatal };
  }
  // Whoever makes fewer calls dies at the end.
  if (answersLeft < Infinity) process.exit(1);
  parentPort.postMessage(outcome);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
function told(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
