import { rmSync } from 'node:fs';

export default async function tearDown(): Promise<void> {
  await globalThis.browserServer?.close();
  if (process.env.CONSOLE_FILM) rmSync(process.env.CONSOLE_FILM, { recursive: true, force: true });
}
