import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { realtimeUs } from '../src/core/libc.ts';
import { Service } from '../test/support/service.ts';
import { VideoClient } from '../test/support/video-client.ts';
import { type Figure, ms, quantile } from './figure.ts';

const SECONDS = 12;

/** From the fragment in the socket to the picture on the screen, and from a later page's connect to its first picture. */
export async function browserLatency(): Promise<Figure[]> {
  await using service = await Service.start();
  await using browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
  using client = new VideoClient(service.videoUrl());
  await client.more(45);
  const page = await browser.newPage();
  await page.goto(`${service.url}/health`);
  await page.addScriptTag({ content: await timeCodeReader(), type: 'text/javascript' });
  await page.addScriptTag({ url: `${service.url}/player/vidicon-player.js`, type: 'module' });
  const from = client.fragments.length;
  const { firstPaintMs, shown } = await page.evaluate(watch, {
    url: service.videoUrl(),
    seconds: SECONDS,
    offsetMs: realtimeUs() / 1000 - Date.now(),
  });
  const sent = quantile(
    client.fragments.slice(from).map((f) => (f.arrivedWallUs - f.capturedWallUs) / 1000),
    0.5,
  );
  const steady = shown.slice(Math.floor(shown.length / 4)).map((latency) => latency - sent);
  const [p50, p95] = [quantile(steady, 0.5), quantile(steady, 0.95)];
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
      measured: ms(firstPaintMs),
      budget: '≤ 250 ms',
      isMet: firstPaintMs <= 250,
      values: { firstPaintMs },
    },
  ];
}

/** The reader of the time code as a script that sets `readTimeCode` and `resolveTimeCode`. */
async function timeCodeReader(): Promise<string> {
  const entry = join(import.meta.dirname, '../src/hardware/cameras/simulated/time-code.ts');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'timeCode',
  });
  return outputFiles[0]?.text ?? '';
}

interface Watching {
  readonly url: string;
  readonly seconds: number;
  /** What Date.now() lacks to the exact time, in milliseconds. */
  readonly offsetMs: number;
}

/** Runs in the page: the age of each shown picture by the clock that is drawn into it. */
async function watch({ url, seconds }: Watching): Promise<{ firstPaintMs: number; shown: number[] }> {
  interface TimeCode {
    readTimeCode(luma: Uint8Array, width: number, height: number, stride: number): number | undefined;
    resolveTimeCode(low32: number, nearWallUs: number): number;
  }
  const { timeCode } = globalThis as unknown as { timeCode: TimeCode }; // set by the script added before
  const player = document.createElement('vidicon-player') as HTMLElement & { videoElement: HTMLVideoElement };
  player.style.cssText = 'display:block;width:1280px;height:720px';
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const startedAt = performance.now();
  player.setAttribute('src', url);
  document.body.replaceChildren(player);
  const video = player.videoElement;
  const shown: number[] = [];
  let firstPaintMs = Number.NaN;
  await new Promise<void>((done) => {
    const onFrame = (): void => {
      const nowMs = performance.timeOrigin + performance.now();
      if (Number.isNaN(firstPaintMs)) firstPaintMs = performance.now() - startedAt;
      if (context !== null) {
        canvas.width = video.videoWidth;
        canvas.height = 64;
        context.drawImage(video, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const luma = data.filter((_, index) => index % 4 === 1);
        const code = timeCode.readTimeCode(
          luma as unknown as Uint8Array,
          canvas.width,
          canvas.height,
          canvas.width,
        );
        if (code !== undefined) shown.push(nowMs - timeCode.resolveTimeCode(code, nowMs * 1000) / 1000);
      }
      if (performance.now() - startedAt > seconds * 1000) done();
      else video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  });
  return { firstPaintMs, shown };
}
