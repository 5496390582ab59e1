import type { Browser, BrowserContext } from 'playwright-core';
import { addTimeCode, shownPictures } from '../test/browser/shown-pictures.ts';
import { launchChromium } from '../test/support/browser.ts';
import { Service, SIMULATED_CAMERA } from '../test/support/service.ts';
import { VideoClient } from '../test/support/video-client.ts';
import { type Figure, ms, quantile } from './figure.ts';

/** From the fragment in the socket to the picture on the screen, and how soon a page that is opened shows one. */
export async function browserLatency(): Promise<Figure[]> {
  await using service = await Service.start();
  await using browser = await launchChromium();
  using client = new VideoClient(service.videoUrl());
  await client.more(45);
  const context = await newContext(browser);
  const page = await context.newPage();
  await addTimeCode(page);
  await page.goto(`${service.url}/#/${SIMULATED_CAMERA}/CAM_A`);
  const from = client.fragments.length;
  const pictures = await shownPictures(page, { ms: 15_000 });
  const sent = quantile(
    client.fragments.slice(from).map((f) => (f.arrivedWallUs - f.capturedWallUs) / 1000),
    0.5,
  );
  const steady = pictures.filter(({ atMs }) => atMs > 5000).map(({ ageMs }) => ageMs - sent);
  const [p50, p95] = [quantile(steady, 0.5), quantile(steady, 0.95)];
  const joined = await joinMs(page.url(), context);
  return [
    {
      what: 'fragment sent → shown in Chromium',
      measured: `median ${ms(p50)}, p95 ${ms(p95)} (${steady.length} pictures)`,
      budget: 'median ≤ 40 ms, p95 ≤ 100 ms',
      isMet: p50 <= 40 && p95 <= 100,
      values: { p50, p95, pictures: steady.length },
    },
    {
      what: 'later reader → first painted picture, GOP 2 s',
      measured: `median ${ms(joined)}`,
      budget: 'median ≤ 250 ms',
      isMet: joined <= 250,
      values: { joinMs: joined },
    },
  ];
}

/** From the start page being loaded, with nothing running, to the second picture that differs: it moves. */
export async function pageToMovingPicture(): Promise<Figure> {
  await using browser = await launchChromium();
  const samples: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await using service = await Service.start();
    const context = await newContext(browser);
    const page = await context.newPage();
    await addTimeCode(page);
    await page.goto(service.url);
    const pictures = await shownPictures(page, { pictures: 2 });
    samples.push(pictures[1]?.atMs ?? Number.NaN);
    await context.close();
  }
  const [p50, worst] = [quantile(samples, 0.5), Math.max(...samples)];
  return {
    what: 'start page loaded → moving picture, nothing running',
    measured: `median ${ms(p50)}, worst ${ms(worst)}`,
    budget: '≤ 2000 ms',
    isMet: worst <= 2000,
    values: { p50, worst },
  };
}

/** Pages of one size. tsx has functions named by a helper, which those that run in a page do not find there. */
async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addInitScript('globalThis.__name = (named) => named');
  return context;
}

/** From the moment the player is told its address to its first picture, in pages that are opened one after another. */
async function joinMs(url: string, context: BrowserContext): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const page = await context.newPage();
    await page.goto(url);
    samples.push(await page.evaluate(rejoin));
    await page.close();
  }
  return quantile(samples, 0.5);
}

/** Runs in the page: takes the player away and puts it back, as another viewer who comes later. */
async function rejoin(): Promise<number> {
  const find = () =>
    document.querySelector('vidicon-player') as (HTMLElement & { videoElement?: HTMLVideoElement }) | null;
  let first = find();
  while (!first?.videoElement?.videoWidth) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    first = find();
  }
  const player = document.createElement('vidicon-player') as HTMLElement & { videoElement: HTMLVideoElement };
  player.setAttribute('src', first.getAttribute('src') ?? '');
  const startedAt = performance.now();
  first.replaceWith(player);
  await new Promise<void>((resolve) => player.videoElement.requestVideoFrameCallback(() => resolve()));
  return performance.now() - startedAt;
}
