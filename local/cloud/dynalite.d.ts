declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** The delays are those between a request and the status that it ends in. */
  export default function dynalite(options?: { createTableMs?: number; deleteTableMs?: number }): Server;
}
