import { buildSync } from 'esbuild';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { CameraProps, startCamera } from './camera';

/** Opens the camera of a device in a page of its own, and waits until it is in its channel. */
export async function openCamera(browser: Browser, props: CameraProps): Promise<Page> {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'camera.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    // The client asks whether it has a Buffer, and has none in a browser.
    define: { global: 'globalThis' },
    logLevel: 'warning',
  });
  const page = await (await browser.newContext()).newPage();
  await page.setContent('<!doctype html><canvas width="640" height="360"></canvas>');
  await page.addScriptTag({ content: outputFiles[0].text });
  await page.evaluate(
    (given) => (globalThis as unknown as { startCamera: typeof startCamera }).startCamera(given),
    props,
  );
  return page;
}
