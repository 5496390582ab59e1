import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { eventually, Service, SIMULATED_CAMERA } from '../support/service.ts';
import { addTimeCode, shownPictures } from './shown-pictures.ts';

let browser: Browser;
let service: Service | undefined;
const complaints: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await service?.[Symbol.asyncDispose]();
});

/** The start page of a service, as a newcomer opens it. */
async function openPage(
  config: Record<string, unknown> = {},
  hash = '',
): Promise<{ service: Service; page: Page }> {
  service = await Service.start({ config });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(service?.url ?? '') && !/^(blob|data):/.test(request.url()))
      complaints.push(request.url());
  });
  await addTimeCode(page);
  await page.goto(`${service.url}/${hash}`);
  return { service, page };
}

test('the page shows what the camera sees now: pixels carry times that follow the clock', async () => {
  const { page } = await openPage();
  const pictures = await shownPictures(page, { pictures: 60 });
  expect(pictures).toHaveLength(60);
  const captured = pictures.map(({ capturedMs }) => capturedMs);
  expect(captured).toEqual([...captured].sort((a, b) => a - b));
  expect(Math.min(...pictures.map(({ ageMs }) => ageMs))).toBeGreaterThan(-5);
  const ages = pictures
    .slice(30)
    .map(({ ageMs }) => ageMs)
    .sort((a, b) => a - b);
  expect(ages[15]).toBeLessThan(1000);
  expect(complaints).toEqual([]);
});

test('both sensors move at phone width', async () => {
  const { page } = await openPage();
  await page.setViewportSize({ width: 375, height: 800 });
  await page
    .locator('.badge', { hasText: /^Live$/ })
    .first()
    .waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
});

test('the page goes on after the encoder was killed', async () => {
  const { service, page } = await openPage(
    { streams: { capture: { width: 320, height: 240 } } },
    `#/${SIMULATED_CAMERA}/CAM_A`,
  );
  await shownPictures(page, { pictures: 10 });
  const stats = () =>
    service.json<{ restarts: number; encoder?: { pid: number } }>(
      `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/stats`,
    );
  process.kill((await stats()).encoder?.pid ?? 0, 'SIGKILL');
  await eventually(stats, ({ restarts }) => restarts === 1, 'The restart');
  const after = await shownPictures(page, { pictures: 10 });
  expect(after).toHaveLength(10);
});

test('a change of resolution shows in the page without a reload', async () => {
  const faults = [{ kind: 'resize', afterMs: 3000, width: 640, height: 360 }];
  const config = {
    streams: { capture: { width: 320, height: 240 } },
    cameras: { simulated: { enabled: 'always', faults } },
  };
  const { page } = await openPage(config, `#/${SIMULATED_CAMERA}/CAM_A`);
  expect((await shownPictures(page, { pictures: 5 })).at(-1)).toMatchObject({ width: 320, height: 240 });
  await page.waitForFunction(() => {
    const player = document.querySelector('vidicon-player') as
      | (HTMLElement & { videoElement?: HTMLVideoElement })
      | null;
    return player?.videoElement?.videoWidth === 640;
  });
  expect((await shownPictures(page, { pictures: 5 })).at(-1)).toMatchObject({ width: 640, height: 360 });
});
