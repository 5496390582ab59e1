import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleScript, launchChromium } from '../support/browser.ts';
import { StubBoard, stubCircuit } from '../support/stub-board.ts';
import { stubService } from '../support/stub-service.ts';

const mode = (value: string, ...choices: string[]) => ({
  name: 'mode',
  kind: 'choice',
  choices,
  writable: true,
  value,
});
const input = (counter: number) => ({ inverted: false, counter, frequency_hz: 0, lost_edges: 0 });
const output = (fields = {}) => ({ cause: 'start-up', confirm: false, interlocks: [], safe: 0, ...fields });

/** One circuit of every kind, as `GET /controller/circuits` lists them. */
const circuits = () => [
  stubCircuit('di/1_01', 'Light barrier', {
    alias: 'gate',
    value: 0,
    input: input(12),
    settings: [
      mode('Simple', 'Simple', 'DirectSwitch'),
      {
        name: 'debounce_us',
        kind: 'integer',
        unit: 'µs',
        minimum: 0,
        maximum: 10_000_000,
        writable: true,
        value: 5000,
      },
      { name: 'counter', kind: 'integer', writable: false, value: 12 },
    ],
  }),
  stubCircuit('di/1_02', 'Door', {
    value: 1,
    input: { ...input(3), frequency_hz: 12.5, switches: 'do/1_02' },
  }),
  stubCircuit('do/1_01', 'Valve', { direction: 'output', value: 0, output: output() }),
  stubCircuit('do/1_02', 'Motor', {
    direction: 'output',
    value: 0,
    output: output({ confirm: true, interlocks: ['motor'] }),
  }),
  stubCircuit('do/1_03', 'Fan', {
    direction: 'output',
    value: 1,
    pwm: { duty_percent: 40, frequency_hz: 1000 },
    pwm_range: { minimum_hz: 1, maximum_hz: 100_000, frequency_hz: 1000 },
    output: output({ running: 'sequence' }),
  }),
  stubCircuit('do/1_04', 'Dimmer', {
    direction: 'output',
    value: 0,
    pwm_range: { minimum_hz: 1, maximum_hz: 20_000, frequency_hz: 500 },
    output: output(),
  }),
  stubCircuit('ai/1_01', 'Pressure', { signal: 'analog', value: 3.21, unit: 'bar', minimum: 0, maximum: 10 }),
  stubCircuit('ao/1_01', 'Heater', {
    direction: 'output',
    signal: 'analog',
    value: 2.5,
    unit: 'V',
    minimum: 0,
    maximum: 10,
    step: 0.25,
    output: output({ lease: { id: 'a', duration_ms: 60_000, remaining_ms: 45_000, held: false } }),
  }),
  stubCircuit('led/1_01', 'Signal', { direction: 'output', value: 1, output: output({ cause: 'kept' }) }),
  stubCircuit('sensor/28.1D', 'Cabinet', { signal: 'analog', value: 21.56, unit: '°C' }),
  stubCircuit('wd/1_01', 'Watchdog', { direction: 'none', signal: 'none' }),
];

let browser: Browser;
let board: StubBoard;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  const scripts = {
    'vidicon-player': await bundleScript('player/vidicon-player.ts'),
    console: await bundleScript('console/console.ts'),
  };
  board = await StubBoard.start(stubService({ cameras: [], isUp: true }, scripts));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await board?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  Object.assign(board, {
    circuits: circuits(),
    loops: { 'do/1_01': 'di/1_01' },
    refusals: {},
    writeMs: 0,
    takesSockets: true,
  });
  board.writes.splice(0);
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(board.url)) complaints.push(request.url());
  });
  // What the content security policy refuses is told here; so are refusals that a test asks for.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 409|WebSocket connection/.test(message.text()))
      complaints.push(message.text());
  });
  await page.goto(board.url);
});

afterEach(async () => {
  await page.close();
  expect(complaints.splice(0)).toEqual([]);
});

/** As expect.poll, with the patience of a busy machine. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });
/** Waits until the panel says so, and has drawn its cards: these follow with the next frame. */
const status = async (text: RegExp) => {
  await page.locator('.io-status', { hasText: text }).waitFor();
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(drawn))');
};
const live = () => status(/^Live$/);
const card = (label: string) => page.getByRole('group', { name: label, exact: true });
const toggle = (label: string) => page.getByRole('switch', { name: label, exact: true });
const value = (label: string) => card(label).locator('.io-value');
const edgeRows = () => page.locator('.io-edges tbody tr');

test('circuits are shown by kind with their values and units', async () => {
  await live();
  expect(await page.locator('.io h3').allTextContents()).toEqual([
    'Inputs',
    'Outputs',
    'Analog inputs',
    'Analog outputs',
    'LEDs',
    'Sensors',
    'Others',
    'Edges',
  ]);
  expect(await page.locator('.io-value').allTextContents()).toEqual([
    'Inactive',
    'Active',
    'Off',
    'Off',
    'On · 40\u00a0%',
    'Off',
    '3.21\u00a0bar',
    '2.50\u00a0V',
    'On',
    '21.56\u00a0°C',
    '',
  ]);
  expect(await card('Door').locator('.io-notes').textContent()).toBe(
    'count 3 · 12.5\u00a0Hz · switches do/1_02',
  );
  expect(await card('Fan').locator('.io-notes').textContent()).toContain('sequence runs');
  expect(await card('Heater').locator('.io-notes').textContent()).toMatch(/lease ends in 4\d s/);
  expect(await card('Light barrier').locator('.io-key').textContent()).toBe('di/1_01 · gate');
});

test('without a circuit there is no panel', async () => {
  await live();
  board.circuits = [];
  await page.locator('.io').waitFor({ state: 'hidden' });
});

test('an output that is switched moves the input it is wired to, and the edge is logged', async () => {
  await live();
  await toggle('Valve').click();
  await eventually(() => toggle('Valve').getAttribute('aria-checked')).toBe('true');
  await card('Light barrier').locator('.io-dot[data-active]').waitFor();
  expect(board.writes).toEqual([{ path: '/controller/do/1_01', fields: { value: 1 } }]);
  await eventually(() => edgeRows().count()).toBe(1);
  expect(await edgeRows().first().locator('td').allTextContents()).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{6}$/),
    'Light barrier',
    '↑ rising',
    '13',
    '',
  ]);
  await toggle('Valve').press('Space');
  await eventually(() => value('Light barrier').textContent()).toBe('Inactive');
  expect(await edgeRows().locator('td:nth-child(3)').allTextContents()).toEqual(['↓ falling', '↑ rising']);
});

test('a switch does not move before the service has answered', async () => {
  await live();
  board.writeMs = 400;
  await toggle('Valve').click();
  await eventually(() => board.writes.length).toBe(1);
  expect(await toggle('Valve').getAttribute('aria-checked')).toBe('false');
  await toggle('Valve').click();
  await eventually(() => toggle('Valve').getAttribute('aria-checked')).toBe('true');
  expect(board.writes).toHaveLength(1);
});

test('a refused write says why, and the switch shows the real value', async () => {
  const detail = 'do/1_01 stays off: do/1_02 is on, and of the group "motor" at most one may be.';
  board.refusals = { 'do/1_01': { code: 'INTERLOCK_HELD', detail } };
  await live();
  await toggle('Valve').click();
  await eventually(() => card('Valve').getByRole('alert').textContent()).toBe(detail);
  expect(await toggle('Valve').getAttribute('aria-checked')).toBe('false');
  board.refusals = {};
  await toggle('Valve').click();
  await eventually(() => toggle('Valve').getAttribute('aria-checked')).toBe('true');
  expect(await card('Valve').locator('.io-refusal').textContent()).toBe('');
});

test('an output that asks for confirmation is switched only after it', async () => {
  await live();
  await toggle('Motor').click();
  const dialog = page.getByRole('dialog', { name: 'Switch Motor on?' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(board.writes).toEqual([]);
  await toggle('Motor').click();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await eventually(() => toggle('Motor').getAttribute('aria-checked')).toBe('true');
  expect(board.writes).toEqual([{ path: '/controller/do/1_02', fields: { value: 1 } }]);
});

test('a slider writes while it moves, at most ten times a second, and shows what was read back', async () => {
  await live();
  const slider = card('Heater').getByRole('slider');
  await slider.scrollIntoViewIfNeeded();
  const box = await slider.boundingBox();
  if (box === null) throw new Error('the slider is not shown');
  const y = box.y + box.height / 2;
  const startedMs = performance.now();
  await page.mouse.move(box.x + box.width / 4, y);
  await page.mouse.down();
  for (let step = 0; step <= 60; step++) await page.mouse.move(box.x + box.width * (0.25 + step / 120), y);
  await page.mouse.up();
  const last = Number(await slider.inputValue());
  expect(last).toBeGreaterThan(7);
  await eventually(() => value('Heater').textContent()).toBe(`${last.toFixed(2)}\u00a0V`);
  const seconds = (performance.now() - startedMs) / 1000;
  expect(board.circuit('ao/1_01').value).toBe(last);
  expect(board.writes.at(-1)?.fields).toEqual({ value: last });
  expect(board.writes.length).toBeLessThanOrEqual(seconds * 10 + 2);
  const field = card('Heater').getByRole('spinbutton');
  await field.fill('7.1');
  await field.press('Enter');
  await eventually(() => field.inputValue()).toBe('7');
  expect(await slider.inputValue()).toBe('7');
  expect(await slider.getAttribute('aria-valuetext')).toBe('7.00\u00a0V');
});

test('a slider whose write is refused returns to the real value', async () => {
  board.refusals = { 'ao/1_01': { code: 'IO_FAILED', detail: 'simulated ao/1_01 failed: no answer.' } };
  await live();
  const slider = card('Heater').getByRole('slider');
  await slider.press('End');
  await eventually(() => card('Heater').getByRole('alert').textContent()).toContain('failed');
  await eventually(() => slider.inputValue()).toBe('2.5');
});

test('duty cycle and frequency are set apart', async () => {
  await live();
  const duty = card('Fan').getByRole('spinbutton', { name: 'Fan, Duty' });
  await duty.fill('75');
  await duty.press('Enter');
  await eventually(() => value('Fan').textContent()).toBe('On · 75\u00a0%');
  const frequency = card('Fan').getByRole('spinbutton', { name: 'Fan, Frequency' });
  await frequency.fill('25000');
  await frequency.press('Enter');
  await eventually(() => board.writes.map(({ fields }) => fields)).toEqual([
    { pwm_duty: 75 },
    { pwm_freq: 25_000 },
  ]);
  await eventually(() => frequency.inputValue()).toBe('25000');
});

test('an output that is not pulsed shows the frequency that it would have', async () => {
  await live();
  expect(await card('Dimmer').getByRole('spinbutton', { name: 'Dimmer, Frequency' }).inputValue()).toBe(
    '500',
  );
});

test('settings are written by name, and a refused one returns', async () => {
  await live();
  await card('Light barrier').getByText('Settings').click();
  await card('Light barrier').getByLabel('Mode').selectOption('DirectSwitch');
  await eventually(() => board.circuit('di/1_01').settings[0]?.value).toBe('DirectSwitch');
  board.refusals = { 'di/1_01': { code: 'CIRCUIT_VALUE_INVALID', detail: 'debounce_us is too long.' } };
  const debounce = card('Light barrier').getByLabel('Debounce (µs)');
  await debounce.fill('9000000');
  await debounce.press('Enter');
  await eventually(() => card('Light barrier').getByRole('alert').textContent()).toBe(
    'debounce_us is too long.',
  );
  expect(await debounce.inputValue()).toBe('5000');
  expect(await card('Light barrier').getByLabel('Mode').inputValue()).toBe('DirectSwitch');
});

test('hardware that is down disables its controls and says why', async () => {
  await live();
  const problem = { code: 'IO_GONE', message: 'gpiochip0 is gone: unplugged.' };
  board.circuit('do/1_01').health = { state: 'down', problem };
  board.emit('do/1_01', { cause: 'health', health: 'down', problem });
  await card('Valve').getByText('gpiochip0 is gone').waitFor();
  expect(await toggle('Valve').isDisabled()).toBe(true);
  board.circuit('do/1_01').health = { state: 'ok' };
  board.emit('do/1_01', { cause: 'health', health: 'ok' });
  await eventually(() => toggle('Valve').isDisabled()).toBe(false);
  await card('Valve').getByText('gpiochip0').waitFor({ state: 'detached' });
});

test('a value that is not fresh says how old it is, and may be written', async () => {
  Object.assign(board.circuit('ao/1_01'), { health: { state: 'stale' }, age_ms: 65_000 });
  await card('Heater')
    .getByText(/^Stale, 6\d s old$/)
    .waitFor();
  await live();
  expect(await card('Heater').getByRole('slider').isDisabled()).toBe(false);
});

test('readings of analog inputs draw a line', async () => {
  await live();
  for (const reading of [3.3, 4, 12])
    board.emit('ai/1_01', { cause: 'reading', value: reading, over_range: reading > 10 });
  board.circuit('ai/1_01')['over_range'] = true;
  board.emit('sensor/28.1D', { cause: 'reading', value: 22 });
  await eventually(() => value('Pressure').textContent()).toBe('12\u00a0bar');
  const points = await card('Pressure').locator('polyline').getAttribute('points');
  expect(points?.split(' ')).toHaveLength(4);
  await eventually(() => value('Cabinet').textContent()).toBe('22\u00a0°C');
  await card('Pressure').getByText('Over range').waitFor();
});

test('a lost connection is told, disables the controls, and is made anew with what has changed', async () => {
  await live();
  board.takesSockets = false;
  board.cut();
  await status(/^Not connected/);
  expect(await toggle('Valve').isDisabled()).toBe(true);
  board.circuit('do/1_01').value = 1;
  board.takesSockets = true;
  await live();
  expect(await toggle('Valve').isDisabled()).toBe(false);
  await eventually(() => toggle('Valve').getAttribute('aria-checked')).toBe('true');
});

test('the log is paused, filtered, and never longer than 200 rows', async () => {
  await live();
  board.edges('di/1_01', 300);
  board.edges('di/1_02', 2);
  await eventually(() => edgeRows().first().innerText()).toContain('Door');
  expect(await edgeRows().count()).toBe(200);
  await page.getByLabel('Circuit', { exact: true }).selectOption('di/1_02');
  expect(await edgeRows().count()).toBe(2);
  await page.getByRole('button', { name: 'Pause' }).click();
  board.edges('di/1_02', 1);
  await page.getByRole('button', { name: 'Resume (1 new)' }).click();
  expect(await edgeRows().count()).toBe(3);
});

test('a thousand edges a second do not freeze the page', async () => {
  await live();
  await page.evaluate(`
    globalThis.longest = 0;
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longest = Math.max(longest, duration); })
      .observe({ type: 'longtask' });`);
  const first = board.circuit('di/1_01').input?.counter ?? 0;
  for (let batch = 0; batch < 200; batch++) {
    board.edges('di/1_01', 10);
    await new Promise((done) => setTimeout(done, 10));
  }
  await eventually(() => card('Light barrier').locator('.io-notes').textContent()).toContain(
    `count ${(first + 2000).toLocaleString('en')}`,
  );
  expect(await edgeRows().first().locator('td').nth(3).textContent()).toBe(
    (first + 2000).toLocaleString('en'),
  );
  expect(await page.evaluate('longest')).toBeLessThan(500);
});

test('the panel belongs to the overview: another view closes its socket', async () => {
  await live();
  await page.goto(`${board.url}/#/NONE/CAM_A`);
  await page.locator('.io').waitFor({ state: 'hidden' });
  await page.goto(`${board.url}/#/`);
  await live();
});

test.each([360, 768, 1920])('at %i px nothing scrolls sideways', async (width) => {
  await page.setViewportSize({ width, height: 800 });
  await live();
  board.edges('di/1_01', 3);
  await edgeRows().nth(2).waitFor();
  for (const summary of await page.locator('.io summary').all()) await summary.click();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
});
