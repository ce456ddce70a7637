import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import S3rver from '@20minutes/s3rver';
import { Aedes } from 'aedes';
import { LocalModel } from '../../support/local-model';

export interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

const JANUS = join(__dirname, '../../../on-prem/janus');

/** Janus as the system has it, with the configuration of the site. */
export async function startJanus(adminKey: string): Promise<Service> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/janus`;
  const process_ = spawn(join(JANUS, 'start.sh'), [JANUS], {
    stdio: 'ignore',
    env: { ...process.env, JANUS_ADMIN_KEY: adminKey, JANUS_PORT: String(port), JANUS_ADDRESS: '127.0.0.1' },
  });
  const ended = once(process_, 'exit');
  let isRunning = true;
  void ended.then(() => (isRunning = false));
  while (!(await fetch(`${url}/info`).catch(() => undefined))?.ok) {
    if (!isRunning) throw new Error('Janus did not start. Install it: `apt-get install janus gettext-base`.');
    await sleep(50);
  }
  return {
    url,
    stop: async () => {
      process_.kill();
      await ended;
    },
  };
}

export async function startStore(): Promise<Service> {
  const directory = mkdtempSync(join(tmpdir(), 'store-'));
  // It signs requests to buckets, other than those to objects, in a way of its own.
  const signatures = { allowMismatchedSignatures: true };
  const store = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, ...signatures });
  const { port } = await store.run();
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

export async function startBroker(): Promise<Service> {
  const broker = await Aedes.createBroker();
  const server = createTcpServer(broker.handle);
  const port = await listen(server);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    stop: async () => {
      await new Promise<void>((resolve) => broker.close(resolve));
      server.close();
    },
  };
}

/** A model that was trained, behind the interface of a container of SageMaker. */
export async function startModel(): Promise<Service> {
  const model = await LocalModel.load();
  const server = createServer((request, response) => {
    const answer = async () => {
      const image = await buffer(request);
      if (request.method !== 'POST' || request.url !== '/invocations') return response.writeHead(404).end();
      const about = { schemaVersion: '1.0', bucket: 'b', key: 'k', device: 'd', capturedAt: new Date().toISOString() };
      return response.end(JSON.stringify(await model.invoke(about, async () => image)));
    };
    answer().catch((error) => response.writeHead(500).end(String(error)));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  return port;
}
