import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleScript, launchChromium } from '../support/browser.ts';
import { record, StreamServer } from '../support/stream-server.ts';
import { type StubCamera, type StubService, stubService } from '../support/stub-service.ts';

function camera(number: number, ...labels: readonly string[]): StubCamera {
  const sensors = labels.map((label, index) => ({ name: `CAM_${'AB'[index]}`, label, isColour: true }));
  return { mxid: `14442C10${number}A2F9D`, name: `1-1.${number}`, camera_name: 'Logitech BRIO', sensors };
}

const conveyor = camera(1, 'Conveyor');
const gate = camera(2, 'Gate', 'Gate infrared');
const service: StubService = { cameras: [], isUp: true };

let browser: Browser;
let server: StreamServer;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  const scripts = {
    'vidicon-player': await bundleScript('player/vidicon-player.ts'),
    console: await bundleScript('console/console.ts'),
  };
  const recording = record({ width: 320, height: 180, profile: 'baseline' });
  server = await StreamServer.start(recording, stubService(service, scripts));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  service.cameras = [conveyor, gate];
  service.isUp = true;
  delete service.model;
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.on('pageerror', (error) => complaints.push(String(error)));
  // What the content security policy refuses is told here; so are answers that a test makes the stub refuse.
  page.on('console', (message) => {
    if (message.type() === 'error' && service.isUp) complaints.push(message.text());
  });
  await page.goto(server.url);
});

afterEach(async () => {
  await page.close();
  expect(complaints.splice(0)).toEqual([]);
});

const tiles = () => page.locator('.tile');
/** As expect.poll, with the patience of a busy machine. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });
const badge = (text: string) => page.locator('.badge', { hasText: new RegExp(`^${text}$`) });

test('every sensor of every camera is a live tile with its figures', async () => {
  await badge('Live').nth(2).waitFor();
  expect(await tiles().locator('h2').allTextContents()).toEqual(['Conveyor', 'Gate', 'Gate infrared']);
  await eventually(() => tiles().first().locator('dl').innerText()).toMatch(
    /Resolution\s+320×180\s+Rate\s+\d+ fps\s+Bitrate\s+\d+ kbit\/s\s+Latency\s+\d+ ms\s+Readers\s+2/,
  );
  expect(await page.locator('#health').innerText()).toBe('Vidicon 0.1.0 · up 3 h 5 min');
});

test('a tile leads to the sensor, and the back button leads back', async () => {
  await page.getByRole('link', { name: 'Conveyor' }).click();
  await page.getByRole('heading', { level: 1, name: 'Conveyor' }).waitFor();
  expect(new URL(page.url()).hash).toBe('#/14442C101A2F9D/CAM_A');
  await badge('Live').waitFor();
  const host = new URL(server.url).host;
  const path = 'cameras/14442C101A2F9D/streams/CAM_A';
  expect(await page.locator('.copyable code').allTextContents()).toEqual(
    expect.arrayContaining([
      `ws://${host}/${path}/video`,
      `http://${host}/${path}/mjpeg`,
      `http://${host}/${path}/still?format=jpeg`,
      `curl -o still.jpg 'http://${host}/${path}/still?format=jpeg'`,
    ]),
  );
  const still = page.getByRole('link', { name: 'Download still' });
  expect(await still.getAttribute('href')).toBe(`/${path}/still?format=jpeg`);
  await page.goBack();
  await tiles().nth(2).waitFor();
  expect(await page.locator('.view').count()).toBe(0);
});

test('the keyboard is enough', async () => {
  await tiles().nth(2).waitFor();
  await page.getByRole('link', { name: 'Gate infrared' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Gate infrared' }).waitFor();
  const figures = page.getByRole('button', { name: 'Figures' });
  await figures.focus();
  await page.keyboard.press('Space');
  expect(await figures.getAttribute('aria-pressed')).toBe('true');
  expect(await page.locator('vidicon-player').getAttribute('overlay')).toBe('');
});

test('a sensor with a model has a switch for its detections', async () => {
  await page.goto(`${server.url}/#/14442C101A2F9D/CAM_A`);
  await badge('Live').waitFor();
  const detections = page.getByRole('button', { name: 'Detections' });
  expect(await detections.count()).toBe(0);
  service.model = { type: 'YOLO' };
  server.hasModel = true;
  await detections.click();
  expect(await detections.getAttribute('aria-pressed')).toBe('true');
  await eventually(() => server.openResultSockets).toBe(1);
  delete service.model;
  await detections.waitFor({ state: 'hidden' });
  await eventually(() => server.openResultSockets).toBe(0);
});

test('addresses are copied', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  await page.goto(`${server.url}/#/14442C101A2F9D/CAM_A`);
  await page.getByRole('button', { name: 'Copy: Still image' }).click();
  await page.getByText('Copied').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/\/still\?format=jpeg$/);
});

test('a camera that is plugged in or out appears and goes, and the others are left alone', async () => {
  await badge('Live').nth(2).waitFor();
  const before = server.connections.length;
  service.cameras = [gate, camera(3, 'Ramp')];
  await page.getByRole('link', { name: 'Ramp' }).waitFor();
  expect(await tiles().locator('h2').allTextContents()).toEqual(['Gate', 'Gate infrared', 'Ramp']);
  await badge('Live').nth(2).waitFor();
  expect(server.connections.slice(before)).toEqual(['/cameras/14442C103A2F9D/streams/CAM_A/video']);
  await eventually(() => server.openSockets).toBe(3);
});

test('a view whose camera is unplugged says so, and returns with it', async () => {
  await page.goto(`${server.url}/#/14442C101A2F9D/CAM_A`);
  await badge('Live').waitFor();
  service.cameras = [gate];
  await page.getByRole('heading', { name: 'This camera is not there' }).waitFor();
  service.cameras = [conveyor, gate];
  await badge('Live').waitFor();
});

test('only tiles in sight receive video', async () => {
  await page.setViewportSize({ width: 360, height: 500 });
  service.cameras = [1, 2, 3, 4, 5, 6].map((number) => camera(number, `Camera ${number}`));
  await page.reload();
  await badge('Live').first().waitFor();
  await eventually(() => server.openSockets).toBeLessThanOrEqual(2);
  await tiles().last().scrollIntoViewIfNeeded();
  await tiles().last().locator('.badge', { hasText: 'Live' }).waitFor();
  expect(await tiles().first().locator('.badge').innerText()).toBe('Idle');
  expect(server.openSockets).toBeLessThanOrEqual(3);
});

test('without a camera the page says what to do', async () => {
  service.cameras = [];
  await page.getByRole('heading', { name: 'No camera yet' }).waitFor();
  expect(await page.locator('main').innerText()).toContain('Plug a USB camera');
});

test('a service that is away is told, and found again', async () => {
  await badge('Live').nth(2).waitFor();
  service.isUp = false;
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('cannot be reached');
  expect(await tiles().count()).toBe(3);
  service.isUp = true;
  await page.getByRole('alert').waitFor({ state: 'hidden' });
});

test('cameras of a service that does not tell sensors are shown by their active streams', async () => {
  const { sensors: _, ...plain } = camera(7);
  service.cameras = [plain];
  await page.getByRole('link', { name: 'Logitech BRIO' }).waitFor();
  expect(await tiles().locator('.caption p').allTextContents()).toEqual(['CAM_A · 14442C107A2F9D']);
});

test.each([360, 768, 1920])('at %i px nothing is cut off or scrolls sideways', async (width) => {
  await page.setViewportSize({ width, height: 800 });
  for (const hash of ['', '#/14442C101A2F9D/CAM_A']) {
    await page.goto(`${server.url}/${hash}`);
    await badge('Live').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }
});

test('the page moves nothing while pictures and figures arrive', async () => {
  await page.evaluate(`
    globalThis.shift = 0;
    new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shift += value; })
      .observe({ type: 'layout-shift', buffered: true });`);
  await badge('Live').nth(2).waitFor();
  await eventually(() => tiles().first().locator('dl').innerText()).toMatch(/\d ms/);
  expect(await page.evaluate('shift')).toBeLessThan(0.02);
});
