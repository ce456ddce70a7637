import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts a server on a free port of this machine, or on the given one, and tells which it is. */
export async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Work that is under way, for whoever wants to take away what it works with. */
export class UnderWay {
  private readonly all = new Set<Promise<unknown>>();

  /** What fails is told, and nobody's else. */
  add(work: Promise<unknown>): void {
    const watched = work.catch((error: unknown) => console.error(error)).finally(() => this.all.delete(watched));
    this.all.add(watched);
  }

  async end(): Promise<void> {
    while (this.all.size > 0) await Promise.all(this.all);
  }
}
