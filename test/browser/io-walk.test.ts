import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { Service } from '../support/service.ts';

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
  service = undefined;
});

/** The start page of a service with the simulated board and no camera. */
async function openPage(io: Record<string, unknown> = {}): Promise<Page> {
  const started = await Service.start({ config: { io, cameras: { simulated: { enabled: 'never' } } } });
  service = started;
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(started.url)) complaints.push(request.url());
  });
  await page.goto(started.url);
  await page.locator('.io-status', { hasText: /^Live$/ }).waitFor();
  return page;
}

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });
const cardOf = (page: Page, key: string) => page.locator(`[data-key="${key}"]`);

test('an output of the simulated board moves the input that is wired to it, and back', async () => {
  const page = await openPage();
  const toggle = cardOf(page, 'do/1_01').getByRole('switch');
  await page.getByLabel('Circuit', { exact: true }).selectOption('di/1_01');
  await toggle.click();
  await cardOf(page, 'di/1_01').locator('.io-dot[data-active]').waitFor();
  await eventually(() => toggle.getAttribute('aria-checked')).toBe('true');
  await toggle.click();
  await cardOf(page, 'di/1_01').locator('.io-dot:not([data-active])').waitFor();
  await eventually(() => page.locator('.io-edges tbody td:nth-child(3)').allTextContents()).toEqual([
    '↓ falling',
    '↑ rising',
  ]);
  expect(complaints).toEqual([]);
});

test('an analog output is read back, and measured by the input that is wired to it', async () => {
  const page = await openPage();
  const field = cardOf(page, 'ao/1_01').getByRole('spinbutton').first();
  await field.fill('4');
  await field.press('Enter');
  await eventually(() => cardOf(page, 'ao/1_01').locator('.io-value').textContent()).toMatch(
    /^4(\.0*)?\u00a0V$/,
  );
  await eventually(() => cardOf(page, 'ai/1_01').locator('.io-value').textContent()).toMatch(
    /^4(\.0*)?\u00a0V$/,
  );
  expect(complaints).toEqual([]);
});

test('an interlock that is held names its holder', async () => {
  const page = await openPage({ interlocks: { motor: ['do/1_01', 'do/1_02'] } });
  await cardOf(page, 'do/1_01').getByRole('switch').click();
  await eventually(() => cardOf(page, 'do/1_01').getByRole('switch').getAttribute('aria-checked')).toBe(
    'true',
  );
  await cardOf(page, 'do/1_02').getByRole('switch').click();
  await eventually(() => cardOf(page, 'do/1_02').getByRole('alert').textContent()).toContain('do/1_01 is on');
  expect(await cardOf(page, 'do/1_02').getByRole('switch').getAttribute('aria-checked')).toBe('false');
  expect(complaints).toEqual([]);
});

test('a board that is unplugged disables its circuits and says so, until it is back', async () => {
  const page = await openPage({
    simulated: { faults: [{ kind: 'vanish', afterMs: 4_000, durationMs: 4_000 }] },
  });
  const output = cardOf(page, 'do/1_01');
  await output.locator('.io-mark', { hasText: 'Down' }).waitFor();
  expect(await output.getByRole('switch').isDisabled()).toBe(true);
  expect(await output.locator('.io-health').textContent()).toContain('gone');
  await output.locator('.io-health').waitFor({ state: 'hidden' });
  await output.getByRole('switch').click();
  await eventually(() => output.getByRole('switch').getAttribute('aria-checked')).toBe('true');
  expect(complaints).toEqual([]);
});
