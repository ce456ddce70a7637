import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { bundled } from '../support/bundled';
import type { CameraProps, startCamera } from './camera';

/** Opens the camera of a device in a page of its own, and waits until it is in its channel. */
export async function openCamera(browser: Browser, props: CameraProps): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.setContent('<!doctype html><canvas width="640" height="360"></canvas>');
  await page.addScriptTag({ content: bundled(join(__dirname, 'camera.ts')) });
  await page.evaluate(
    (given) => (globalThis as unknown as { startCamera: typeof startCamera }).startCamera(given),
    props,
  );
  return page;
}
