import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ballAt } from '../../src/hardware/cameras/simulated/scene.ts';
import { launchChromium } from '../support/browser.ts';
import { brightSpotDetector } from '../support/onnx-graph.ts';
import { hasRuntime } from '../support/onnx-runtime.ts';
import { Service, SIMULATED_CAMERA } from '../support/service.ts';
import { type DrawnPicture, drawnPictures } from './drawn-boxes.ts';
import { addTimeCode, type TimeCode } from './shown-pictures.ts';

const WIDTH = 640;
const HEIGHT = 360;
const NN = `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/nn`;

const skipped = hasRuntime() ? '' : ' (skipped: onnxruntime-node is not installed)';

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

/** A service whose camera's ball is looked for, and the sensor's page. */
async function openPage(config: Readonly<Record<string, unknown>>): Promise<Page> {
  service = await Service.start({ config: { streams: { capture: { width: WIDTH, height: HEIGHT } } } });
  const form = new FormData();
  form.append(
    'model',
    new Blob([new Uint8Array(brightSpotDetector({ width: 320, height: 320, head: 'yolov8' }))]),
    'ball.onnx',
  );
  form.append('config', JSON.stringify({ type: 'YOLO', labels: ['ball'], ...config }));
  const answer = await service.fetch(NN, { method: 'POST', body: form });
  expect(answer.status, await answer.text()).toBe(201);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await addTimeCode(page);
  await page.goto(`${service.url}/#/${SIMULATED_CAMERA}/CAM_A`);
  await page.getByRole('button', { name: 'Detections' }).click();
  await page.waitForFunction(() => {
    const canvas = document.querySelector('vidicon-player')?.shadowRoot?.querySelector('canvas');
    const image = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
    return image?.data.some((value) => value > 0);
  });
  return page;
}

/** When the picture was taken by the time drawn into it, Unix time in microseconds; runs in the page. */
function readCaptureUs({ data, width, height }: ImageData): number | undefined {
  const { timeCode } = globalThis as unknown as { timeCode: TimeCode }; // set by addTimeCode
  const code = timeCode.readTimeCode(data, width, height, width * 4, 4);
  return code === undefined ? undefined : timeCode.resolveTimeCode(code, Date.now() * 1000);
}

/** How far the box's centre is from the ball's, in parts of the picture's width. */
function errorOf({ mark, box }: DrawnPicture<number>): number {
  if (box === undefined) return Number.POSITIVE_INFINITY;
  const ball = ballAt(WIDTH, HEIGHT, mark);
  const x = ((box[0] + box[2]) / 2) * WIDTH - (ball.left + ball.width / 2);
  const y = ((box[1] + box[3]) / 2) * HEIGHT - (ball.top + ball.height / 2);
  return Math.hypot(x, y) / WIDTH;
}

test.runIf(hasRuntime()).each([
  ['as fast as the model goes', {}],
  ['looked at ten times a second', { fps: 10 }],
])(
  `the drawn box sits on the ball, %s${skipped}`,
  async (what, config) => {
    const page = await openPage(config);
    await drawnPictures(page, 60, readCaptureUs); // until the player has settled at the edge
    const drawn = await drawnPictures(page, 120, readCaptureUs);
    const errors = drawn.map(errorOf).sort((a, b) => a - b);
    const percent = (part: number) =>
      ((errors[Math.floor(part * (errors.length - 1))] ?? 0) * 100).toFixed(2);
    console.log(
      `${what}: centre off by ${percent(0.5)} % of the width, ${percent(0.95)} % at p95, ${percent(1)} % at most`,
    );
    expect(drawn).toHaveLength(120);
    expect(errors[60]).toBeLessThan(0.02);
    expect(errors.filter((error) => error < 0.02).length).toBeGreaterThan(108);
    expect(complaints).toEqual([]);
  },
  90_000,
);
