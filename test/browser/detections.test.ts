import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleScript, launchChromium } from '../support/browser.ts';
import { record, StreamServer } from '../support/stream-server.ts';
import { type DrawnPicture, drawnPictures } from './drawn-boxes.ts';

const WIDTH = 640;
const HEIGHT = 360;
const PICTURES = 60;
/** Each picture tells its place in the recording: six blocks from the left, white for 1, the highest bit first. */
const NUMBERED = `geq=lum='if(lt(Y,40)*lt(X,384),if(bitand(floor(N/pow(2,5-floor(X/64))),1),235,16),lum(X,Y))':cb='if(lt(Y,20),128,cb(X,Y))':cr='if(lt(Y,20),128,cr(X,Y))'`;

const PAGE = `<!doctype html><link rel="icon" href="data:,"><script src="/player.js"></script>
<script src="/page.js"></script><vidicon-player></vidicon-player>`;
const PAGE_SCRIPT = `
addEventListener('DOMContentLoaded', () => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('body { margin: 0 } vidicon-player { width: 640px; height: 360px }');
  document.adoptedStyleSheets = [sheet];
  globalThis.player = document.querySelector('vidicon-player');
  globalThis.seen = { errors: [], states: [], results: [] };
  player.addEventListener('error', ({ detail }) => seen.errors.push(detail.message));
  player.addEventListener('statechange', ({ detail }) => seen.states.push(detail.state));
  player.addEventListener('vidicon-detections', ({ detail }) => {
seen.results.push({ seq: detail.seq, aheadMs: player.capturedAt - detail.capture_ts_us / 1000 });
  });
  globalThis.painted = (x = 0, y = 0, width = 1e4, height = 1e4) => {
    const canvas = player.shadowRoot.querySelector('canvas');
    if (canvas.width === 0) return 0;
    const image = canvas.getContext('2d').getImageData(
      x, y, Math.min(width, canvas.width - x), Math.min(height, canvas.height - y));
    return image.data.filter((value, index) => index % 4 === 3 && value > 0).length;
  };
});`;

let browser: Browser;
let server: StreamServer;
let page: Page;
let results = 0;
const exceptions: Error[] = [];

beforeAll(async () => {
  const recording = record({ width: WIDTH, height: HEIGHT, profile: 'baseline', filter: NUMBERED });
  const files = new Map([
    ['/', ['text/html', PAGE]],
    ['/page.js', ['text/javascript', PAGE_SCRIPT]],
    ['/player.js', ['text/javascript', await bundleScript('player/vidicon-player.ts')]],
  ]);
  server = await StreamServer.start(recording, (request, response) => {
    const [type, body] = files.get(request.url ?? '') ?? [];
    response.writeHead(type === undefined ? 404 : 200, { 'content-type': type ?? 'text/plain' }).end(body);
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  server.hasModel = true;
  server.onPicture = undefined;
  server.isPaused = false;
  await open();
});

afterEach(async () => {
  await page.close();
  expect(exceptions.splice(0)).toEqual([]);
});

async function open(options: Parameters<Browser['newPage']>[0] = {}, script = ''): Promise<void> {
  await page?.close();
  page = await browser.newPage(options);
  page.on('pageerror', (error) => exceptions.push(error));
  await page.addInitScript(script);
  await page.goto(server.url);
}

/** Where the model of these tests sees its object in a picture: a little further right in each. */
const leftOf = (index: number) => 0.1 + (index / PICTURES) * 0.6;

function message(index: number, ptsTicks: number, fields: Readonly<Record<string, unknown>> = {}): string {
  const left = leftOf(index);
  const detections = [{ label: 0, confidence: 0.9, coords: [left, 0.4, left + 0.2, 0.8], name: 'ball' }];
  results += 1;
  const figures = { seq: results, capture_ts_us: Date.now() * 1000, latency_ms: 12 };
  return JSON.stringify({ detections, pts: ptsTicks, timescale: 90_000, ...figures, ...fields });
}

/** A model that looks at every `every`th picture and takes its time. */
function infer({ every = 1, takesMs = 0, fields = {} } = {}): void {
  server.onPicture = (index, ptsTicks) => {
    if (index % every !== 0) return;
    const text = message(index, ptsTicks, fields);
    if (takesMs === 0) server.sendResult(text);
    else setTimeout(() => server.sendResult(text), takesMs);
  };
}

async function play(): Promise<void> {
  await page.evaluate(`player.detections = true; player.src = '/cameras/A1/streams/CAM_A/video'`);
  await until(`player.state === 'playing'`);
}

/** Waits until an expression over the page's `player`, `seen` and `painted` is true. */
async function until(expression: string): Promise<void> {
  await expect.poll(() => page.evaluate(expression), { timeout: 20_000, message: expression }).toBe(true);
}

const boxIsDrawn = () => until('painted() > 100');

/** The number in the pixels of a picture; runs in the page. */
function readNumber({ data, width }: ImageData): number {
  let number = 0;
  for (let block = 0; block < 6; block += 1) {
    number = number * 2 + ((data[(20 * width + block * 64 + 32) * 4] ?? 0) > 128 ? 1 : 0);
  }
  return number;
}

/** How far, in parts of the picture's width, boxes are from their place; the largest first. */
function errorsOf(drawn: readonly DrawnPicture<number>[]): number[] {
  return drawn.map(({ mark, box }) => Math.abs((box?.[0] ?? 9) - leftOf(mark))).sort((a, b) => b - a);
}

test('a box is drawn on the picture it was computed on', async () => {
  infer();
  await play();
  await boxIsDrawn();
  const drawn = await drawnPictures(page, 100, readNumber);
  const errors = errorsOf(drawn);
  expect(new Set(drawn.map(({ mark }) => mark)).size).toBeGreaterThan(PICTURES / 2);
  // The next picture's place is 0.01 further right; reading the two canvases is not one step.
  expect(errors.filter((error) => error < 0.004).length).toBeGreaterThan(90);
  const [box] = drawn.map(({ box }) => box);
  expect(box?.[1]).toBeCloseTo(0.4, 2);
  expect(box?.[3]).toBeCloseTo(0.8, 2);
  expect((box?.[2] ?? 0) - (box?.[0] ?? 0)).toBeCloseTo(0.2, 2);
});

test.each([
  ['that come later than their pictures', { takesMs: 150 }],
  ['of every fourth picture only', { every: 4 }],
  ['of every third picture, and late', { every: 3, takesMs: 120 }],
])('with results %s, boxes go with the object', async (_what, model) => {
  infer(model);
  await play();
  await boxIsDrawn();
  const drawn = await drawnPictures(page, 100, readNumber);
  // Where the recording begins anew the object jumps, which nothing can foresee.
  const errors = errorsOf(drawn.filter(({ mark }) => mark > 14));
  expect(errors.length).toBeGreaterThan(50);
  expect(errors.filter((error) => error > 0.02).length).toBeLessThan(errors.length / 10);
});

test('a browser that does not tell shown pictures draws by the time it plays', async () => {
  await open(
    {},
    `globalThis.tell = HTMLVideoElement.prototype.requestVideoFrameCallback;
    delete HTMLVideoElement.prototype.requestVideoFrameCallback;`,
  );
  infer();
  await play();
  await boxIsDrawn();
  // The player has looked; those who read the pixels need it.
  await page.evaluate('void (HTMLVideoElement.prototype.requestVideoFrameCallback = tell)');
  // Its clock is about a picture behind the screen.
  expect(errorsOf(await drawnPictures(page, 100, readNumber))[50]).toBeLessThan(0.05);
  await until('player.stats.frameRate > 15 && seen.results.length > 60');
});

test.each([
  ['a tall element', 'width: 400px; height: 500px', 'contain', { x: [0, 1], y: [0.275, 0.725] }],
  [
    'a wide element that the picture covers',
    'width: 640px; height: 180px',
    'cover',
    { x: [0, 1], y: [-0.5, 1.5] },
  ],
] as const)('in %s boxes are where the picture is', async (_what, size, fit, area) => {
  await open({ deviceScaleFactor: 2 });
  server.onPicture = (_index, ptsTicks) => server.sendResult(message(30, ptsTicks));
  await play();
  await boxIsDrawn();
  await page.evaluate(`{
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('vidicon-player { ${size} !important } vidicon-player::part(video) { object-fit: ${fit} }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }`);
  const scaled = (edges: readonly [number, number], part: number) => edges[0] + part * (edges[1] - edges[0]);
  const at = (x: number, y: number) => {
    const [left, top] = [scaled(area.x, leftOf(30) + 0.2 * x), scaled(area.y, 0.4 + 0.4 * y)];
    return `painted(Math.round(player.clientWidth * 2 * ${left}) - 4, Math.round(player.clientHeight * 2 * ${top}) - 4, 8, 8)`;
  };
  await until(`${at(0, 0.5)} > 20 && ${at(0.8, 0)} > 20 && ${at(0.8, 0.5)} === 0`);
  expect(await page.evaluate(`player.shadowRoot.querySelector('canvas').width`)).toBe(
    2 * (await page.evaluate<number>('player.clientWidth')),
  );
});

test('embedders are told of each result once, in order, when its picture is shown', async () => {
  infer();
  await play();
  await until('seen.results.length > 90');
  const told = await page.evaluate<{ seq: number; aheadMs: number }[]>('seen.results');
  const numbers = told.map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  // Pictures are 33 ms apart; result and fragment are made within a millisecond of each other.
  const ahead = told.map(({ aheadMs }) => aheadMs).sort((a, b) => a - b);
  expect(ahead[0]).toBeGreaterThan(-16);
  expect(ahead.filter((aheadMs) => aheadMs < 16).length).toBeGreaterThan(told.length * 0.8);
});

test('what a Generic model says stands in the corner', async () => {
  infer({ fields: { detections: [0.1, 0.85, 0.05], labels: ['empty', 'full', 'broken'] } });
  await play();
  await until('painted(340, 180) > 500');
  expect(await page.evaluate('painted(0, 0, 300, 300)')).toBe(0);
});

test('the overlay tells rate, latency and how many results met their picture', async () => {
  await page.evaluate('player.overlay = true');
  infer();
  await play();
  const overlay = `player.shadowRoot.querySelector('[part=overlay]').textContent`;
  await until(`/\\d\\d\\.\\d inferences.s · 12 ms · (9\\d|100) % matched/.test(${overlay})`);
  await page.evaluate('player.detections = false');
  await until(`!${overlay}.includes('inferences')`);
});

test('without a model nothing is said, and a model that is deployed later is found', async () => {
  server.hasModel = false;
  infer();
  await play();
  await until('seen.states.length > 0');
  server.hasModel = true;
  await boxIsDrawn();
  expect(await page.evaluate('seen.errors')).toEqual([]);
  expect(await page.evaluate('seen.states')).toEqual(['connecting', 'buffering', 'playing']);
});

test('a cut connection for results is made again; a model that is removed takes its boxes along', async () => {
  infer();
  await play();
  await boxIsDrawn();
  server.cutResults();
  const before = results;
  await until(`seen.results.at(-1).seq > ${before + 30}`);
  server.hasModel = false;
  server.cutResults();
  await until('painted() === 0');
  expect(await page.evaluate('seen.states')).toEqual(['connecting', 'buffering', 'playing']);
});

test('messages that are no results are passed over', async () => {
  server.onPicture = (index, ptsTicks) => {
    for (const text of ['', 'null', '{"detections":7}', '{"detections":[{}],"pts":1,"timescale":0}']) {
      server.sendResult(text);
    }
    server.sendResult(message(index, ptsTicks));
  };
  await play();
  await boxIsDrawn();
  expect(errorsOf(await drawnPictures(page, 20, readNumber))[10]).toBeLessThan(0.004);
});

test('a player that pauses lets the model go and keeps its boxes; without the attribute they are gone', async () => {
  infer();
  await play();
  await boxIsDrawn();
  await page.evaluate('player.pause()');
  await expect.poll(() => server.openResultSockets, { timeout: 10_000 }).toBe(0);
  expect(await page.evaluate('painted()')).toBeGreaterThan(100);
  await page.evaluate('player.play()');
  await expect.poll(() => server.openResultSockets, { timeout: 10_000 }).toBe(1);
  await page.evaluate('player.detections = false');
  expect(await page.evaluate('painted()')).toBe(0);
  await expect.poll(() => server.openResultSockets, { timeout: 10_000 }).toBe(0);
  await page.evaluate('player.detections = true');
  await boxIsDrawn();
  await page.evaluate('player.remove()');
  await expect.poll(() => server.openResultSockets, { timeout: 10_000 }).toBe(0);
  expect(await page.evaluate('painted()')).toBe(0);
});
