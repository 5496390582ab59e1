import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventObject, EventsClient } from '../support/events-client.ts';
import { eventually, type Service } from '../support/service.ts';
import { burstOf1000Edges } from './support/edge-burst.ts';
import { GpioTrace } from './support/gpio-trace.ts';
import { iioFolder } from './support/iio-folder.ts';
import { isInLab, useLab } from './support/lab.ts';
import { LineHolder } from './support/line-holder.ts';
import { SimulatedChip } from './support/simulated-chip.ts';
import { dacRegister, measure, stubBus } from './support/stub-i2c.ts';

const LABEL = 'lab-circuits';
const LINES = ['DOOR', 'MOTION', 'RELAY', 'LAMP', 'HEATER', 'IRCUT'];
const [DOOR, MOTION, RELAY, LAMP, HEATER, IRCUT] = [0, 1, 2, 3, 4, 5];
const LED = 'lab:green:status';

type Dict = Readonly<Record<string, unknown>>;

/** Lines of a chip made of LINES. */
const header = (chip: string) => ({
  kind: 'gpio',
  chip,
  di: { door: { offset: DOOR }, motion: { offset: MOTION } },
  do: { relay: { offset: RELAY }, lamp: { offset: LAMP }, heater: { offset: HEATER } },
});
/** The heater is left on, the lamp as well at the start, the relay never. */
const outputs = { lamp: { startUp: 1 }, heater: { safe: 1, startUp: 0 } };
const noCameras = { v4l2: { enabled: false } };

const attribute = (name: string) => readFileSync(`/sys/class/leds/${LED}/${name}`, 'utf8').trim();
const get = (service: Service, circuit: string) => service.json<Dict>(`/controller/${circuit}`);
const postTo = (service: Service, path: string, body: object) =>
  service.fetch(`/controller/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const post = async (service: Service, path: string, body: object): Promise<Dict> => {
  const response = await postTo(service, path, body);
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Dict; // a circuit's fields are the test's to check
};

/** What a service holds of GPIO chips: the chips, whose numbers change, and requests of lines. */
function gpioDescriptors({ pid }: Service): string[] {
  const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed in the meantime
    }
  });
  return targets.flatMap((target) => /gpio-?[a-z]+/.exec(target)?.[0] ?? []).sort();
}

/** Inputs and outputs through REST and the events socket. */
describe.skipIf(!isInLab)('circuits (gpio-sim, uleds, ads1115, ds4424, iio_dummy)', () => {
  let chip: SimulatedChip;
  let holder: LineHolder;
  afterAll(() => chip?.[Symbol.dispose]()); // after the service has ended: the last hook runs first
  const lab = useLab(() => ({
    cameras: noCameras,
    io: {
      drivers: {
        header: header(LABEL),
        filter: { kind: 'gpio', chip: LABEL, do: { ircut: { offset: IRCUT } } },
        lamps: { kind: 'led', led: { status: { name: LED } } },
        probe: {
          kind: 'iio',
          ai: { pressure: { device: `${stubBus()}-0048`, channel: 'voltage0' } },
          ao: {
            valve: { device: 'ds4424', channel: 'current1', minimumRaw: -127, maximumRaw: 127 },
            fan: { device: 'lab-analog', channel: 'voltage0', maximumRaw: 4095 },
          },
        },
      },
      circuits: {
        do: outputs,
        ai: {
          pressure: {
            unit: 'bar',
            calibration: [
              { measured: 0.5, actual: 0 },
              { measured: 1.5, actual: 10 },
            ],
          },
        },
      },
    },
  }));
  beforeAll(async () => {
    chip = new SimulatedChip(LABEL, LINES);
    holder = await LineHolder.start(LABEL, IRCUT); // before the service wants that line
  });
  afterAll(() => holder?.[Symbol.asyncDispose]());

  const listen = async (service: Service, query = ''): Promise<EventsClient> => {
    const client = new EventsClient(service.url, query);
    lab.defer(async () => client[Symbol.dispose]());
    await client.until(({ messages }) => messages.length > 0, 'The snapshot');
    return client;
  };
  const untilHealthy = (service: Service, ...circuits: string[]) =>
    eventually(
      () => Promise.all(circuits.map((circuit) => get(service, circuit))),
      (dicts) => dicts.every(({ health }) => health === 'ok'),
      `${circuits.join(', ')} being ok`,
    );
  /** The shared service, once the circuits of the chip work. */
  const service = async (): Promise<Service> => {
    const running = await lab.service();
    await untilHealthy(running, 'di/door', 'di/motion', 'do/relay', 'do/lamp', 'do/heater');
    return running;
  };
  /** How gpioinfo describes the lines of a chip. */
  const linesOf = async (label: string) => (await lab.run('gpioinfo', label)).split('\n').slice(1, -1);

  test('a line that another program holds is refused with its name, while others work, and taken when it is free', async () => {
    const running = await service();
    const client = await listen(running, '?circuits=do/ircut');
    const refused = await postTo(running, 'do/ircut', { value: 1 });
    expect([refused.status, await refused.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'IO_BUSY', detail: expect.stringContaining('held by gpioset') }),
    ]);
    expect(await post(running, 'do/relay', { value: 1 })).toMatchObject({ value: 1, health: 'ok' });
    expect(chip.value(RELAY)).toBe(1);
    await holder[Symbol.asyncDispose]();
    await client.event({ dev: 'do', circuit: 'ircut', cause: 'health', health: 'ok' });
    expect(await post(running, 'do/ircut', { value: 1 })).toMatchObject({ value: 1, health: 'ok' });
    expect(chip.value(IRCUT)).toBe(1);
  });

  test('a write is seen on the line and read back, and told to listeners', async () => {
    const running = await service();
    const client = await listen(running, '?types=do');
    for (const value of [1, 0, 1]) {
      const told = client.events.length;
      expect(await post(running, 'do/relay', { value })).toMatchObject({
        dev: 'do',
        value,
        cause: 'command',
      });
      expect(chip.value(RELAY)).toBe(value);
      expect(await get(running, 'do/relay')).toMatchObject({ circuit: 'relay', value });
      await client.until(({ events }) => events.length > told, 'The event of the write');
      expect(client.events.at(-1)).toMatchObject({ circuit: 'relay', value, cause: 'command' });
    }
  });

  test('a pull of a line is an event with the kernel’s time and number of the edge', async () => {
    const running = await service();
    const client = await listen(running, '?circuits=di/motion');
    const beforeNs = process.hrtime.bigint();
    for (const level of [1, 0, 1] as const) {
      const told = client.events.length;
      chip.pull(MOTION, level);
      await client.until(({ events }) => events.length > told, 'The event of the edge');
    }
    const afterNs = process.hrtime.bigint();
    const of = (value: number, edge: string): EventObject => {
      return { dev: 'di', circuit: 'motion', value, edge, cause: 'edge', clock: 'monotonic', lost: 0 };
    };
    expect(client.events).toMatchObject([of(1, 'rising'), of(0, 'falling'), of(1, 'rising')]);
    const [first] = client.events;
    const sequence = Number(first?.['line_seq']);
    expect(client.events.map((event) => event['line_seq'])).toEqual([sequence, sequence + 1, sequence + 2]);
    const times = [beforeNs, ...client.events.map((event) => BigInt(String(event['timestamp_ns']))), afterNs];
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
    expect(await get(running, 'di/motion')).toMatchObject({ value: 1, lost_edges: 0 });
  });

  test('a burst of 1,000 edges reaches a listener, in order and without loss, and is counted', async () => {
    const running = await service();
    const client = await listen(running, '?circuits=di/door');
    chip.pull(DOOR, 1);
    await client.until(({ events }) => events.length === 1, 'The first edge');
    const before = await get(running, 'di/door');
    burstOf1000Edges(chip, DOOR);
    await client.until(({ events }) => events.length >= 1001, 'The burst');
    const { events } = client;
    const first = Number(events[0]?.['line_seq']);
    expect(events.map((event) => event['line_seq'])).toEqual(events.map((_, index) => first + index));
    expect(events.map(({ edge }) => edge)).toEqual(
      events.map((_, i) => (i % 2 === 0 ? 'rising' : 'falling')),
    );
    expect(events.filter(({ lost, missed }) => lost !== 0 || missed !== undefined)).toEqual([]);
    expect(await get(running, 'di/door')).toMatchObject({
      value: 1,
      counter: Number(before['counter']) + 500,
      lost_edges: 0,
    });
  });

  test('several outputs change in one request', async () => {
    const running = await service();
    const write = (circuit: string, value: number) => ({ dev: 'do', circuit, value });
    for (const value of [1, 0]) {
      const values = { relay: value, lamp: 1 - value, heater: value };
      const writes = Object.entries(values).map(([circuit, each]) => write(circuit, each));
      expect(await post(running, '', writes)).toMatchObject(writes);
      expect([RELAY, LAMP, HEATER].map((offset) => chip.value(offset))).toEqual(Object.values(values));
    }
    const refused = await postTo(running, '', [write('relay', 1), write('lamp', 7)]);
    expect(refused.status).toBe(422);
    expect(chip.value(RELAY)).toBe(0);
  });

  test('an LED is blinked by the kernel until it is told otherwise', async () => {
    const running = await service();
    await untilHealthy(running, 'led/status');
    await post(running, 'led/status', { blink: { on_ms: 120, off_ms: 80 } });
    expect(attribute('trigger')).toContain('[timer]');
    expect([attribute('delay_on'), attribute('delay_off')]).toEqual(['120', '80']);
    for (const brightness of ['0', '255', '0']) {
      await eventually(
        () => attribute('brightness'),
        (seen) => seen === brightness,
        `brightness ${brightness}`,
      );
    }
    expect(await post(running, 'led/status', { value: 1 })).toMatchObject({ value: 1 });
    expect([attribute('trigger').includes('[none]'), attribute('brightness')]).toEqual([true, '255']);
    await post(running, 'led/status', { cancel: true });
    expect(attribute('brightness')).toBe('0');
  });

  test('what an ADC measures is in the unit of its calibration, read and told', async () => {
    const running = await service();
    await untilHealthy(running, 'ai/pressure');
    measure('0x48', 16_000); // of 62.5 µV: 1 V
    expect(await get(running, 'ai/pressure')).toMatchObject({ value: 5, unit: 'bar', over_range: false });
    const client = await listen(running, '?types=ai');
    measure('0x48', 8_000);
    await client.event({ dev: 'ai', circuit: 'pressure', value: 0, cause: 'reading' });
    measure('0x48', 0x7fff);
    expect(await get(running, 'ai/pressure')).toMatchObject({ over_range: true });
  });

  test('a DAC that is written has it in its register', async () => {
    const running = await service();
    await untilHealthy(running, 'ao/valve', 'ao/fan');
    expect(await post(running, 'ao/valve', { value: 100 })).toMatchObject({ value: 100 });
    expect(dacRegister()).toBe('0xe4');
    expect(await post(running, 'ao/valve', { value: -5 })).toMatchObject({ value: -5 });
    expect(dacRegister()).toBe('0x05');
    expect(await post(running, 'ao/fan', { value: 1234 })).toMatchObject({ value: 1234 });
    expect(readFileSync(`${iioFolder('lab-analog')}/out_voltage0_raw`, 'utf8').trim()).toBe('1234');
    expect((await postTo(running, 'ao/fan', { value: 4096 })).status).toBe(422);
  });

  test('a chip that is pulled out is gone for listeners and writers, and its outputs return at their safe values', async () => {
    const running = await service();
    const all = ['di/door', 'di/motion', 'do/relay', 'do/lamp', 'do/heater'];
    await holder[Symbol.asyncDispose]();
    await untilHealthy(running, 'do/ircut');
    await post(running, '', [
      { dev: 'do', circuit: 'relay', value: 1 },
      { dev: 'do', circuit: 'lamp', value: 1 },
      { dev: 'do', circuit: 'heater', value: 0 },
    ]);
    const client = await listen(running, `?circuits=${all.join(',')}`);
    const held = gpioDescriptors(running);
    const untilEach = (health: string) =>
      Promise.all(
        all.map((key) => {
          const [dev, circuit] = key.split('/');
          return client.event({ dev, circuit, cause: 'health', health });
        }),
      );
    chip.unplug();
    const gone = await untilEach('down');
    expect(gone.map(({ problem }) => problem)).toEqual(
      all.map(() => expect.objectContaining({ code: 'IO_GONE' })),
    );
    expect(await get(running, 'do/relay')).toMatchObject({ health: 'down', problem: { code: 'IO_GONE' } });
    const refused = await postTo(running, 'do/relay', { value: 1 });
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'IO_GONE' }]);
    expect(await post(running, 'led/status', { value: 1 })).toMatchObject({ value: 1, health: 'ok' });
    chip.plug();
    await untilEach('ok');
    expect([RELAY, LAMP, HEATER].map((offset) => chip.value(offset))).toEqual([0, 0, 1]);
    expect(await get(running, 'do/lamp')).toMatchObject({ value: 0, cause: 'safe' });
    await untilHealthy(running, 'do/ircut');
    expect(held).toEqual(['gpio-line', 'gpio-line', 'gpio-line', 'gpiochip', 'gpiochip']);
    expect(gpioDescriptors(running)).toEqual(held);
    expect(await post(running, 'do/relay', { value: 1 })).toMatchObject({ value: 1 });
    expect(chip.value(RELAY)).toBe(1);
    chip.pull(DOOR, 1);
    await client.event({ dev: 'di', circuit: 'door', cause: 'edge', edge: 'rising', line_seq: 1 });
  });

  test('outputs are safe before their lines are released by SIGTERM, and at their start-up values after it', async () => {
    const { own, config } = ownChip('lab-stop');
    const first = await lab.start(config);
    await untilHealthy(first, 'do/relay', 'do/lamp', 'do/heater');
    expect([RELAY, LAMP, HEATER].map((offset) => own.value(offset))).toEqual([0, 1, 0]);
    await post(first, 'do/relay', { value: 1 });
    const trace = new GpioTrace();
    lab.defer(async () => trace[Symbol.dispose]());
    const { base } = own;
    expect(await first.stop()).toMatchObject({ code: 0 });
    expect([RELAY, LAMP, HEATER].map((offset) => trace.levels(base + offset))).toEqual([[0], [0], [1]]);
    expect((await linesOf(own.label)).filter((line) => !line.includes('unused'))).toEqual([]);
    const second = await lab.start(config);
    await untilHealthy(second, 'do/relay', 'do/lamp', 'do/heater');
    expect([RELAY, LAMP, HEATER].map((offset) => own.value(offset))).toEqual([0, 1, 0]);
    expect(await get(second, 'do/lamp')).toMatchObject({ value: 1, cause: 'start-up' });
  });

  test('outputs that were on when the service was killed are at their safe values after its next start', async () => {
    const { own, config } = ownChip('lab-kill');
    const first = await lab.start(config);
    await untilHealthy(first, 'do/relay', 'do/lamp', 'do/heater');
    await post(first, 'do/relay', { value: 1 });
    const ended = once(first.process, 'exit');
    first.process.kill('SIGKILL');
    await ended;
    const trace = new GpioTrace();
    lab.defer(async () => trace[Symbol.dispose]());
    const second = await lab.start(config);
    await untilHealthy(second, 'do/relay', 'do/lamp', 'do/heater');
    expect([RELAY, LAMP, HEATER].map((offset) => own.value(offset))).toEqual([0, 0, 1]);
    expect(trace.levels(own.base + LAMP)).not.toContain(1); // its start-up value
    expect(await get(second, 'do/lamp')).toMatchObject({ value: 0, cause: 'safe' });
  });

  test('the hardware is listed, and suggested as a configuration that is valid', async () => {
    await service();
    const { io } = JSON.parse(await lab.vidicon('devices', '--json')) as {
      io: { title: string; details: string[] }[];
    };
    const titled = (text: string) => io.find(({ title }) => title.includes(text))?.details;
    expect(titled(LABEL)).toEqual(expect.arrayContaining(['2  RELAY  output  used by vidicon']));
    expect(titled('lab-gpio')).toEqual(expect.arrayContaining(['0  DOOR  input  free']));
    expect(titled('/sys/class/leds')).toEqual(expect.arrayContaining([`${LED}  brightness 0 to 255`]));
    expect(titled(`${stubBus()}-0048`)).toEqual(expect.arrayContaining(['in   voltage0']));
    expect(titled('lab-analog')).toEqual(expect.arrayContaining(['out  voltage0  needs maximumRaw']));
    const file = join(mkdtempSync(join(tmpdir(), 'vidicon-suggested-')), 'config.yaml');
    const suggested = await lab.vidicon('devices', '--suggest');
    writeFileSync(file, suggested);
    expect(await lab.vidicon('config', 'check', file)).toContain('is valid');
    for (const name of ['chip: lab-gpio', LED, `${stubBus()}-0048`]) expect(suggested).toContain(name);
  });

  /** A chip of the test alone, and a service on it that remembers how it ended. */
  function ownChip(label: string) {
    const own = new SimulatedChip(label, LINES);
    lab.defer(async () => own[Symbol.dispose]());
    const folder = mkdtempSync(join(tmpdir(), 'vidicon-state-'));
    const config = {
      cameras: noCameras,
      state: { folder },
      io: { drivers: { header: header(label) }, circuits: { do: outputs } },
    };
    return { own, config };
  }
});
