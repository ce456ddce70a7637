import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { bundled } from '../../console/support/bundled';
import { until } from '../../console/support/console';
import { REGION, startChannel } from './support/channel';

const SCRIPTS = ['../../console/support/in-page.ts', 'support/viewer.ts'].map((file) => bundled(join(__dirname, file)));

let channel: Awaited<ReturnType<typeof startChannel>>;
let browser: Browser;
let failures: string[];
let pages: Page[];

beforeAll(async () => {
  browser = await chromium.connect(process.env.CONSOLE_BROWSER!);
});
beforeEach(async () => {
  [failures, pages] = [[], []];
  channel = await startChannel(({ message }) => failures.push(message));
});
afterEach(async () => {
  for (const page of pages) await page.context().close();
  await channel.stop();
});
afterAll(() => browser?.close());

async function watch(clientId: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  pages.push(page);
  await page.setContent('<!doctype html><video muted playsinline></video>');
  for (const content of SCRIPTS) await page.addScriptTag({ content });
  const url = await channel.urlOf(clientId);
  await page.evaluate((live) => viewer.watchDevice(live), { channelArn: channel.arn, region: REGION, clientId, url });
  return page;
}

const framesOf = (page: Page, count: number) =>
  page.evaluate((frames) => inPage.watch(document.querySelector('video')!, frames), count);

test('who watches sees what the drone films now; it films while somebody watches', async () => {
  expect(channel.master.isFilming()).toBe(false);
  const openedAt = Date.now();
  const page = await watch('viewer-1');
  const frames = await framesOf(page, 30);
  const read = frames.filter(({ time }) => time !== undefined);
  expect(read.length).toBeGreaterThan(25);
  const times = read.map(({ time }) => time!);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBeGreaterThan(20);
  expect(times[0]).toBeGreaterThan(openedAt);
  expect(await page.evaluate(() => document.querySelector('video')!.videoWidth)).toBe(640);
  await page.context().close();
  await until(() => channel.master.viewers().length === 0 && !channel.master.isFilming());
  expect(failures).toEqual([]);
});

test('two watch at once, and one who goes leaves the other his picture', async () => {
  const [first, second] = [await watch('viewer-1'), await watch('viewer-2')];
  await framesOf(first, 5);
  await framesOf(second, 5);
  await first.context().close();
  await until(() => channel.master.viewers().length === 1);
  await framesOf(second, 10);
});

test('a master that was cut off comes back, and who watched watches on', async () => {
  const page = await watch('viewer-1');
  channel.dropMaster();
  await framesOf(page, 10);
  await setTimeout(1500);
  await framesOf(await watch('viewer-2'), 5);
  expect(channel.master.viewers()).toEqual(['viewer-1', 'viewer-2']);
});
