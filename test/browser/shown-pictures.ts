import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';

/** What `addTimeCode` puts into a page. */
export interface TimeCode {
  readTimeCode(
    luma: Uint8ClampedArray,
    width: number,
    height: number,
    stride: number,
    step?: number,
  ): number | undefined;
  resolveTimeCode(low32: number, nearWallUs: number): number;
}

/** A picture that a page has shown. */
export interface ShownPicture {
  /** When it was shown, in milliseconds since the watching began. */
  readonly atMs: number;
  /** Unix time of its capture in milliseconds, by the time that is drawn into it. */
  readonly capturedMs: number;
  /** From its capture to the screen in milliseconds. */
  readonly ageMs: number;
  readonly width: number;
  readonly height: number;
}

/** Gives a page the reader of the simulated camera's time code, as the global `timeCode`. */
export async function addTimeCode(page: Page): Promise<void> {
  const entry = join(import.meta.dirname, '../../src/hardware/cameras/simulated/time-code.ts');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'timeCode',
  });
  // As the page's own script, which its content security policy lets pass where an inline one is refused.
  await page.addInitScript({ content: `${outputFiles[0]?.text}\nglobalThis.timeCode = timeCode;` });
}

/**
 * Reads the pixels of every picture that the page's first player shows.
 * @param until ends the watching: after so many pictures, or so many milliseconds.
 */
export function shownPictures(
  page: Page,
  until: { readonly pictures?: number; readonly ms?: number },
): Promise<ShownPicture[]> {
  return page.evaluate(watchFirstPlayer, until);
}

/** Runs in the page. */
async function watchFirstPlayer(until: {
  readonly pictures?: number;
  readonly ms?: number;
}): Promise<ShownPicture[]> {
  const { timeCode } = globalThis as unknown as { timeCode: TimeCode }; // set by addTimeCode
  const startedAt = performance.now();
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let player: (HTMLElement & { readonly videoElement?: HTMLVideoElement }) | null = null;
  while (!player?.videoElement) {
    player = document.querySelector('vidicon-player');
    await nextFrame();
  }
  const video = player.videoElement;
  const shown: ShownPicture[] = [];
  const isEnough = () =>
    shown.length >= (until.pictures ?? Number.POSITIVE_INFINITY) ||
    performance.now() - startedAt > (until.ms ?? 30_000);
  while (!isEnough()) {
    await new Promise<void>((resolve) => video.requestVideoFrameCallback(() => resolve()));
    const shownAt = performance.now();
    const { videoWidth: width, videoHeight: height } = video;
    if (context === null || width === 0) continue;
    // The code is in the top strip, in its own scale: the whole width, and as much height as it needs.
    canvas.width = width;
    canvas.height = Math.min(height, 64);
    context.drawImage(video, 0, 0);
    const { data } = context.getImageData(0, 0, width, canvas.height);
    const code = timeCode.readTimeCode(data, width, canvas.height, width * 4, 4);
    if (code === undefined) continue;
    const nowMs = performance.timeOrigin + shownAt;
    const capturedMs = timeCode.resolveTimeCode(code, nowMs * 1000) / 1000;
    shown.push({ atMs: shownAt - startedAt, capturedMs, ageMs: nowMs - capturedMs, width, height });
  }
  return shown;
}
