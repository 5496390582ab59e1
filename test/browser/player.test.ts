import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleScript, launchChromium } from '../support/browser.ts';
import { type Recording, record, StreamServer } from '../support/stream-server.ts';

/** An embedding page that allows no inline style, as strict sites do. What the player tells is kept in `seen`. */
const PAGE = `<!doctype html><script src="/player.js"></script><script src="/page.js"></script>
<vidicon-player width="640"></vidicon-player>`;
const PAGE_SCRIPT = `
addEventListener('DOMContentLoaded', () => {
  globalThis.player = document.querySelector('vidicon-player');
  globalThis.seen = { states: [], reasons: [], errors: [], formats: [], stats: [] };
  player.addEventListener('statechange', ({ detail }) => { seen.states.push(detail.state); seen.reasons.push(detail.reason); });
  player.addEventListener('error', ({ detail }) => seen.errors.push(detail.message));
  player.addEventListener('formatchange', ({ detail }) => seen.formats.push(detail));
  player.addEventListener('stats', ({ detail }) => seen.stats.push(detail));
  globalThis.pixels = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
    const context = canvas.getContext('2d');
    context.drawImage(player.videoElement, 0, 0, 64, 36);
    return [...context.getImageData(0, 0, 64, 36).data];
  };
});`;

let browser: Browser;
let large: Recording;
let small: Recording;
let server: StreamServer;
let page: Page;
const exceptions: Error[] = [];

beforeAll(async () => {
  large = record({ width: 640, height: 360, profile: 'baseline' });
  small = record({ width: 320, height: 240, profile: 'high' });
  const script = await bundleScript('player/vidicon-player.ts');
  const files = new Map([
    ['/', ['text/html', PAGE]],
    ['/page.js', ['text/javascript', PAGE_SCRIPT]],
    ['/player.js', ['text/javascript', script]],
  ]);
  server = await StreamServer.start(large, (request, response) => {
    const [type, body] = files.get(request.url ?? '') ?? [];
    const policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; media-src blob:; connect-src 'self'";
    response.writeHead(type === undefined ? 404 : 200, {
      'content-type': type ?? 'text/plain',
      'content-security-policy': policy,
    });
    response.end(body);
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

afterEach(() => {
  expect(exceptions.splice(0)).toEqual([]);
});

beforeEach(async () => {
  await page?.close();
  server.switchTo(large);
  server.isPaused = false;
  // A player that has no source yet.
  page = await browser.newPage();
  page.on('pageerror', (error) => exceptions.push(error));
  await page.goto(server.url);
});

async function play(): Promise<void> {
  await page.evaluate(`player.src = '/cameras/A1/streams/CAM_A/video'`);
  await reaches('playing');
}

/** Waits until an expression over the page's `player` and `seen` is true. */
async function until(expression: string): Promise<void> {
  await expect.poll(() => page.evaluate(expression), { timeout: 20_000, message: expression }).toBe(true);
}

function reaches(state: string): Promise<void> {
  return until(`player.state === '${state}'`);
}

/** Waits until the picture on the screen has changed. */
async function pixelsMove(): Promise<void> {
  await page.evaluate('void (globalThis.before = pixels())');
  await until('pixels().filter((value, index) => Math.abs(value - before[index]) > 30).length > 100');
}

test('a stream that runs already is joined at its edge, and its pictures move', async () => {
  await play();
  await pixelsMove();
  const { states, formats } = await page.evaluate<{ states: string[]; formats: unknown[] }>('seen');
  expect(states).toEqual(['connecting', 'buffering', 'playing']);
  expect(formats).toEqual([{ codec: large.config.codecString, width: 640, height: 360 }]);
  // The stream's own time is far from 0; the element's is not.
  expect(await page.evaluate('player.videoElement.currentTime')).toBeLessThan(10);
});

test('for ten seconds the picture stays young, and what has been played is removed', async () => {
  await play();
  await until('seen.stats.length >= 10');
  const latenciesMs = await page.evaluate<number[]>(
    'seen.stats.slice(2, 10).map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)',
  );
  console.log(`capture to display, median of each second: ${latenciesMs.map(Math.round).join(' ')} ms`);
  // Loose on purpose: this runs beside everything else on the machine.
  expect(latenciesMs[4]).toBeLessThan(600);
  expect(latenciesMs[0]).toBeGreaterThan(0);
  const [ranges, behindS] = await page.evaluate<[number, number]>(
    `(({ buffered, currentTime }) => [buffered.length, currentTime - buffered.start(0)])(player.videoElement)`,
  );
  expect(ranges).toBe(1);
  expect(behindS).toBeLessThan(4.5);
});

test('a new init segment of another size and profile continues in the same element', async () => {
  await play();
  await page.evaluate('void (globalThis.source = player.videoElement.src)');
  server.switchTo(small);
  await until('player.videoElement.videoWidth === 320');
  await pixelsMove();
  expect(await page.evaluate('player.videoElement.src === source')).toBe(true);
  expect(await page.evaluate('seen.formats.at(-1)')).toEqual({
    codec: small.config.codecString,
    width: 320,
    height: 240,
  });
  expect(await page.evaluate('seen.errors')).toEqual([]);
});

test('a camera that pauses is waited for, and time without pictures is not played', async () => {
  await play();
  server.isPaused = true;
  await reaches('stalled');
  server.skip(60);
  server.isPaused = false;
  await reaches('playing');
  await pixelsMove();
  expect(await page.evaluate('player.videoElement.currentTime')).toBeLessThan(20);
  expect(server.openSockets).toBe(1);
});

test('a clock that stops at every picture, behind them, is freed without a step back in time', async () => {
  await play();
  const isHeld = await page.evaluate(`(() => {
    const video = player.videoElement;
    globalThis.shown = { times: [], seeks: 0 };
    video.addEventListener('seeking', () => { shown.seeks += 1; });
    const note = (_now, { mediaTime }) => { shown.times.push(mediaTime); video.requestVideoFrameCallback(note); };
    video.requestVideoFrameCallback(note);
    const clock = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime');
    Object.defineProperty(video, 'currentTime', { ...clock, get: () => clock.get.call(video) - 0.3 });
    for (let stop = 0; stop < 4; stop += 1) video.dispatchEvent(new Event('waiting'));
    delete video.currentTime;
    return video.paused;
  })()`);
  expect(isHeld).toBe(true);
  await until('!player.videoElement.paused');
  await until('shown.times.length > 30');
  const { times, seeks } = await page.evaluate<{ times: number[]; seeks: number }>('shown');
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(seeks).toBe(0);
  expect(await page.evaluate('player.state')).toBe('playing');
});

test('a cut connection is made again, and the last picture stays until then', async () => {
  await play();
  server.cut();
  await until(`seen.states.includes('reconnecting')`);
  expect(await page.evaluate('pixels().some((value, index) => index % 4 < 3 && value > 0)')).toBe(true);
  await reaches('playing');
  await pixelsMove();
  expect(await page.evaluate('seen.errors')).toHaveLength(1);
});

test('a stream that cannot start says why, and plays as soon as it can', async () => {
  server.refusal = { code: 4503, reason: 'CAMERA_BUSY: another program uses the camera' };
  await page.evaluate(`player.src = '/cameras/A1/streams/CAM_A/video'`);
  await until(`seen.errors.some((message) => message.includes('CAMERA_BUSY'))`);
  const shown = await page.evaluate(`player.shadowRoot.querySelector('[part=message]').textContent`);
  expect(shown).toContain('another program uses the camera');
  server.refusal = undefined;
  await reaches('playing');
});

test.each([
  ['is no media', () => server.send(Buffer.from('HTTP/1.1 502 Bad Gateway'))],
  ['holds a picture that cannot be decoded', () => server.sendGarbledPicture()],
])('after a message that %s, playing goes on with a new connection', async (_what, send) => {
  await play();
  send();
  await until('seen.errors.length > 0');
  await reaches('playing');
  await pixelsMove();
});

test('a page that stays hidden lets go of the stream, and resumes at the edge', async () => {
  await play();
  await setHidden(true);
  await reaches('suspended');
  await expect.poll(() => server.openSockets, { timeout: 10_000 }).toBe(0);
  await setHidden(false);
  await reaches('playing');
  await pixelsMove();
});

test('pause disconnects and keeps the picture; play goes on', async () => {
  await play();
  await page.evaluate('player.pause()');
  expect(await page.evaluate('player.state')).toBe('paused');
  await expect.poll(() => server.openSockets, { timeout: 10_000 }).toBe(0);
  await page.evaluate('player.play()');
  await reaches('playing');
  await pixelsMove();
});

test('an element that leaves the page frees its socket and its source; a new src connects elsewhere', async () => {
  await play();
  await page.evaluate(`player.src = '/cameras/B2/streams/CAM_A/video'`);
  await reaches('playing');
  expect(server.connections.at(-1)).toBe('/cameras/B2/streams/CAM_A/video');
  await expect.poll(() => server.openSockets, { timeout: 10_000 }).toBe(1);
  await page.evaluate('player.remove()');
  await expect.poll(() => server.openSockets, { timeout: 10_000 }).toBe(0);
  expect(await page.evaluate('player.videoElement.hasAttribute("src")')).toBe(false);
  expect(await page.evaluate('player.state')).toBe('idle');
});

test('the overlay tells latency, size and rate', async () => {
  await page.evaluate('player.overlay = true');
  await play();
  const overlay = `player.shadowRoot.querySelector('[part=overlay]').textContent`;
  await until(`/playing · \\d+ ms[^]*640×360 · avc1[^]*fps/.test(${overlay})`);
});

test('an address that is no stream is an error that says so', async () => {
  await page.evaluate(`player.src = 'ftp://nowhere/'`);
  await reaches('error');
  expect(await page.evaluate('seen.errors')).toEqual(['not the address of a stream: ftp://nowhere/']);
});

test('a browser that wants a gesture first shows a button, and plays after the click', async () => {
  // Muted video needs no gesture in Chromium, so the refusal comes from the page.
  await page.evaluate(
    `player.videoElement.play = () => Promise.reject(new DOMException('', 'NotAllowedError'))`,
  );
  await page.evaluate(`player.src = '/cameras/A1/streams/CAM_A/video'`);
  await reaches('blocked');
  await page.evaluate('delete player.videoElement.play');
  await page.getByRole('button', { name: 'Play' }).click();
  await reaches('playing');
});

async function setHidden(isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
}
