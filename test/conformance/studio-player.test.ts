import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { PATIENCE } from '../support/patience.ts';
import { Service } from '../support/service.ts';

/** What is left of Studio's player without its frame: everything that matters to whoever sends the video. */
const PLAYER = (url: string): string => `
  globalThis.seen = { appended: 0, dropped: 0, errors: [] };
  const video = Object.assign(document.createElement('video'), { autoplay: true, muted: true, playsInline: true });
  document.body.append(video);
  globalThis.video = video;
  video.addEventListener('error', () => seen.errors.push(video.error.message));
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  source.addEventListener('sourceopen', () => {
    const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.42E01E"');
    buffer.mode = 'sequence';
    const socket = new WebSocket(${JSON.stringify(url)});
    socket.binaryType = 'arraybuffer';
    let count = 0;
    socket.addEventListener('message', ({ data }) => {
      count += 1;
      // The first is the init segment; later it throws away what comes while the buffer is busy, and every tenth here.
      if (count > 1 && (buffer.updating || count % 10 === 0)) seen.dropped += 1;
      else buffer.appendBuffer(data), seen.appended += 1;
    });
    socket.addEventListener('close', ({ code }) => seen.errors.push('closed with ' + code));
  });`;

const PLAYED = 'seen.errors.length > 0 || (seen.dropped >= 5 && video.currentTime > 3)';
const SHOWN =
  '({ errors: seen.errors, pictures: video.getVideoPlaybackQuality().totalVideoFrames, width: video.videoWidth })';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
});

test("Robopipe Studio's player plays on though it throws fragments away, where every picture is a sync sample", {
  timeout: 120_000 * PATIENCE,
}, async () => {
  const capture = { width: 640, height: 360, frameRate: 30 };
  await using service = await Service.start({
    config: { streams: { capture, encoder: { gopLength: 1 } } },
  });
  const page = await browser.newPage();
  await page.evaluate(PLAYER(service.videoUrl()));
  await page.waitForFunction(PLAYED, undefined, { timeout: 60_000 * PATIENCE });
  expect(await page.evaluate(SHOWN)).toEqual({
    errors: [],
    pictures: expect.toSatisfy((count: number) => count > 60),
    width: 640,
  });
});
