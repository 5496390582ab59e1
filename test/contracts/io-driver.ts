import { describe, expect, type TestContext, test } from 'vitest';
import { AppError } from '../../src/core/app-error.ts';
import type { ChannelInfo, CircuitKey, Level } from '../../src/hardware/io/circuit.ts';
import { channelOf, contradictions, isClose, keyOf, levelsOf, valuesOf } from './channel-description.ts';
import { IoDriverBench, type IoDriverFixture, LIMIT_MS } from './io-driver-bench.ts';

export type { IoDriverFixture } from './io-driver-bench.ts';

/** Calls of `pass` in which a disposed driver has to be quiet. */
const QUIET_PASSES = 20;

/** Checks that a driver does what src/hardware/io/driver.ts promises. What a fixture lacks is skipped by name. */
export function describeIoDriver(
  name: string,
  makeFixture: () => IoDriverFixture | Promise<IoDriverFixture>,
): void {
  const check = (title: string, body: (bench: IoDriverBench, skip: TestContext['skip']) => Promise<void>) =>
    test(title, { timeout: 4 * LIMIT_MS }, async ({ skip }) => {
      const fixture = await makeFixture();
      const bench = new IoDriverBench(fixture);
      try {
        await body(bench, skip);
      } finally {
        await bench.driver?.[Symbol.asyncDispose]();
        await fixture.release?.();
      }
    });

  describe(`${name} as an IoDriver`, () => {
    check('describes every channel completely and without contradiction', async (bench) => {
      const driver = await bench.open();
      expect(driver.channels.length).toBeGreaterThan(0);
      expect(new Set(bench.keys).size).toBe(driver.channels.length);
      for (const channel of driver.channels) expect(contradictions(channel, driver)).toEqual([]);
    });

    check('tells nothing before it is open, and then that every channel is ok', async (bench) => {
      await bench.open();
      expect(bench.listener.calls).toBe(0);
      await bench.allOk();
    });

    check('reads every channel, within its range, now', async (bench) => {
      const driver = await bench.openOk();
      for (const channel of driver.channels) {
        const key = keyOf(channel);
        const beforeUs = bench.clock.monotonicUs();
        const reading = await driver.read(key, bench.call());
        expect.soft(reading.takenUs, key).toBeGreaterThanOrEqual(beforeUs);
        expect.soft(reading.takenUs, key).toBeLessThanOrEqual(bench.clock.monotonicUs());
        const { value } = reading.level;
        if (channel.signal === 'digital') expect.soft([0, 1], key).toContain(value);
        const { minimum = -Infinity, maximum = Infinity } = { ...channel, ...reading };
        if (channel.signal === 'analog' && reading.isOverRange !== true) {
          expect.soft(value >= minimum && value <= maximum, `${key} at ${value}`).toBe(true);
        }
        for (const { name: setting } of channel.settings) {
          expect.soft(Object.keys(reading.settings ?? {}), key).toContain(setting);
        }
      }
    });

    check('sets the wire before a write resolves, and reads it back', async (bench, skip) => {
      const { physical, outputs } = bench.fixture;
      if (!physical || !outputs) return skip('the fixture has no physical and outputs');
      const driver = await bench.openOk();
      for (const key of outputs) {
        for (const value of levelsOf(bench.channel(key))) {
          await driver.write([{ key, level: { value } }], bench.call());
          expectLevel(await bench.physical(key), value, bench.channel(key), `${key} at the wire`);
          const { level } = await driver.read(key, bench.call());
          expectLevel(level.value, value, bench.channel(key), `${key} read back`);
        }
      }
    });

    check('sets many outputs in one call', async (bench, skip) => {
      const { physical, outputs } = bench.fixture;
      if (!physical || !outputs) return skip('the fixture has no physical and outputs');
      if (outputs.length < 2) return skip('the fixture has one output');
      const driver = await bench.openOk();
      for (const turn of [0, 1]) {
        const writes = outputs.map((key, place) => {
          const levels = levelsOf(bench.channel(key));
          return { key, level: { value: levels[(place + turn) % levels.length] ?? 0 } };
        });
        await driver.write(writes, bench.call());
        for (const { key, level } of writes) {
          expectLevel(await bench.physical(key), level.value, bench.channel(key), key);
        }
      }
    });

    check('pulses an output that can be pulsed, and ends it with a plain write', async (bench, skip) => {
      const driver = await bench.openOk();
      const channel = driver.channels.find(({ features }) => features.pwm !== undefined);
      if (channel?.features.pwm === undefined) return skip('no channel has the feature pwm');
      const key = keyOf(channel);
      const frequencyHz = Math.min(
        Math.max(100, channel.features.pwm.minimumHz),
        channel.features.pwm.maximumHz,
      );
      await driver.write([{ key, level: { value: 1, pwm: { dutyPercent: 25, frequencyHz } } }], bench.call());
      const { level } = await driver.read(key, bench.call());
      expect(level.value).toBe(1);
      expect(level.pwm?.dutyPercent).toBeCloseTo(25, 0);
      expect(Math.abs((level.pwm?.frequencyHz ?? 0) / frequencyHz - 1)).toBeLessThan(0.02);
      await driver.write([{ key, level: { value: 0 } }], bench.call());
      expect((await driver.read(key, bench.call())).level.value).toBe(0);
    });

    check('lets an output blink until it is written', async (bench, skip) => {
      const driver = await bench.openOk();
      const channel = driver.channels.find(({ features }) => features.blink === true);
      if (channel === undefined) return skip('no channel has the feature blink');
      const key = keyOf(channel);
      await driver.blink?.(key, { onMs: 100, offMs: 100 }, bench.call());
      for (const value of [1, 0]) {
        await driver.write([{ key, level: { value } }], bench.call());
        expect((await driver.read(key, bench.call())).level.value).toBe(value);
      }
    });

    check('takes hold of outputs at their initial levels, with no other in between', async (bench, skip) => {
      const { physical, history, outputs } = bench.fixture;
      if (!physical || !outputs) return skip('the fixture has no physical and outputs');
      const probe = await bench.open();
      const highest = new Map(outputs.map((key) => [key, levelsOf(channelOf(probe, key)).at(-1) ?? 1]));
      await probe[Symbol.asyncDispose]();
      const seen = new Map(outputs.map((key) => [key, history?.call(bench.fixture, key).length ?? 0]));
      await bench.openOk((key) => level(highest.get(key)));
      for (const [key, value] of highest) {
        expectLevel(await bench.physical(key), value, bench.channel(key), key);
        const since = history?.call(bench.fixture, key).slice(seen.get(key)) ?? [];
        for (const one of since) expectLevel(one, value, bench.channel(key), `${key} on the way`);
      }
    });

    check('changes settings and reads them back', async (bench, skip) => {
      const driver = await bench.openOk();
      let changed = 0;
      for (const channel of driver.channels) {
        for (const info of channel.settings) {
          for (const value of info.isWritable ? valuesOf(info) : []) {
            const key = keyOf(channel);
            await driver.configure(key, { [info.name]: value }, bench.call());
            const { settings } = await driver.read(key, bench.call());
            expect(settings?.[info.name], `${key} ${info.name}`).toBe(value);
            changed += 1;
          }
        }
      }
      if (changed === 0) skip('no channel has a setting that can be written');
    });

    check('refuses channels it does not have', async (bench) => {
      const driver = await bench.openOk();
      const key = 'do/there_is_no_such_circuit';
      await expectAppError(driver.read(key, bench.call()));
      await expectAppError(driver.write([{ key, level: { value: 0 } }], bench.call()));
      await expectAppError(driver.configure(key, {}, bench.call()));
    });

    check('refuses a write to an input', async (bench, skip) => {
      const driver = await bench.openOk();
      const input = driver.channels.find(({ direction }) => direction === 'input');
      if (input === undefined) return skip('no channel is an input');
      await expectAppError(driver.write([{ key: keyOf(input), level: { value: 0 } }], bench.call()));
    });

    check('tells every edge in order, stamped when it happened and numbered', async (bench, skip) => {
      const { drive, inputs = [] } = bench.fixture;
      if (!drive) return skip('the fixture has no drive');
      await bench.openOk();
      const keys = inputs.filter((key) => bench.channel(key).features.edges === true);
      if (keys.length === 0) return skip('no input has the feature edges');
      for (const key of keys) {
        const before = bench.listener.edgesOf(key).length;
        const startUs = bench.clock.monotonicUs();
        for (let count = 1; count <= 6; count += 1) {
          await bench.drive(key, count % 2);
          const edges = () => bench.listener.edgesOf(key).length - before;
          await bench.until(() => edges() >= count, `edge ${count} of ${key}`);
        }
        const edges = bench.listener.edgesOf(key).slice(before);
        expect(edges.map(({ edge }) => edge)).toEqual(Array(3).fill(['rising', 'falling']).flat());
        for (const [place, { timestampNs, clock, lineSequence, lost }] of edges.entries()) {
          const last = edges[place - 1];
          expect(lost).toBe(0);
          expect(timestampNs).toBeGreaterThanOrEqual(last?.timestampNs ?? 0n);
          const first = edges[0]?.lineSequence ?? 0;
          expect(lineSequence).toBe(first === 0 ? 0 : first + place);
          if (clock !== 'monotonic' && clock !== 'polled') continue;
          expect(Number(timestampNs) / 1000).toBeGreaterThanOrEqual(startUs - 1);
          expect(Number(timestampNs) / 1000).toBeLessThanOrEqual(bench.clock.monotonicUs() + 1);
        }
      }
    });

    check('shows what an input is driven to', async (bench, skip) => {
      const { drive, inputs = [] } = bench.fixture;
      if (!drive || inputs.length === 0) return skip('the fixture has no drive and inputs');
      const driver = await bench.openOk();
      for (const key of inputs) {
        const channel = bench.channel(key);
        for (const value of levelsOf(channel)) {
          const told = bench.listener.readingsOf(key).length;
          await bench.drive(key, value);
          await bench.until(
            async () => isClose((await driver.read(key, bench.call())).level.value, value, channel),
            `${key} at ${value}`,
          );
          if (channel.delivery !== 'pushed' || channel.features.edges === true) continue;
          const news = () => bench.listener.readingsOf(key).slice(told);
          // The wire may have been there before.
          if (value === levelsOf(channel)[0]) continue;
          await bench.until(
            () => news().some((reading) => isClose(reading.level.value, value, channel)),
            `a reading of ${key} at ${value}`,
          );
        }
      }
    });

    check(
      'tells when its hardware goes, refuses calls with the reason, and finds it again',
      async (bench, skip) => {
        const { unplug, replug, outputs = [] } = bench.fixture;
        if (!unplug || !replug) return skip('the fixture has no unplug and replug');
        let initial: (key: CircuitKey) => Level | undefined = () => undefined;
        const driver = await bench.openOk((key) => initial(key));
        await unplug.call(bench.fixture);
        const isDown = (key: CircuitKey) => bench.listener.healthOf(key)?.state === 'down';
        await bench.until(() => bench.keys.every(isDown), 'all channels being down');
        for (const channel of driver.channels) {
          const key = keyOf(channel);
          const code = bench.listener.healthOf(key)?.problem?.code;
          expect(code, key).toMatch(/^IO_/);
          expect((await expectAppError(driver.read(key, bench.call()))).code).toBe(code);
          if (channel.direction !== 'output') continue;
          const write = driver.write([{ key, level: { value: channel.minimum ?? 0 } }], bench.call());
          expect((await expectAppError(write)).code).toBe(code);
        }
        initial = (key) =>
          outputs.includes(key) ? level(levelsOf(channelOf(driver, key)).at(-1)) : undefined;
        await replug.call(bench.fixture);
        await bench.allOk();
        for (const key of bench.fixture.physical ? outputs : []) {
          const expected = initial(key)?.value ?? 0;
          expectLevel(await bench.physical(key), expected, bench.channel(key), `${key} on return`);
        }
        for (const key of bench.keys) await driver.read(key, bench.call());
      },
    );

    check('rejects a call whose signal is aborted', async (bench) => {
      const driver = await bench.openOk();
      const aborted = { signal: AbortSignal.abort(new Error('the caller has gone')) };
      for (const channel of driver.channels) {
        const key = keyOf(channel);
        await bench.promptly(driver.read(key, aborted), `reading ${key}`);
        if (channel.direction !== 'output') continue;
        const write = driver.write([{ key, level: { value: channel.minimum ?? 0 } }], aborted);
        await bench.promptly(write, `writing ${key}`);
      }
    });

    check('rejects a call to silent hardware as soon as it is aborted', async (bench, skip) => {
      const { mute } = bench.fixture;
      if (!mute) return skip('the fixture has no mute');
      const driver = await bench.openOk();
      await mute.call(bench.fixture);
      const caller = new AbortController();
      const read = driver.read(keyOf(driver.channels[0]), caller);
      const outcome = Promise.race([read.then(String, String), bench.pass().then(() => 'waits')]);
      expect(await outcome).toBe('waits');
      caller.abort(new Error('the caller has gone'));
      await bench.promptly(read, 'the read');
    });

    check('may be disposed twice, and then says nothing and does nothing', async (bench) => {
      const driver = await bench.openOk();
      const { inputs = [], drive } = bench.fixture;
      await Promise.all([driver[Symbol.asyncDispose](), driver[Symbol.asyncDispose]()]);
      await driver[Symbol.asyncDispose]();
      const { calls } = bench.listener;
      for (const key of drive ? inputs : []) await bench.drive(key, 1);
      for (let count = 0; count < QUIET_PASSES; count += 1) await bench.pass();
      expect(bench.listener.calls).toBe(calls);
      await expectAppError(driver.read(keyOf(driver.channels[0]), bench.call()));
    });

    check('may be disposed at once after it is open', async (bench) => {
      const driver = await bench.open();
      await driver[Symbol.asyncDispose]();
      const { calls } = bench.listener;
      for (let count = 0; count < QUIET_PASSES; count += 1) await bench.pass();
      expect(bench.listener.calls).toBe(calls);
    });
  });
}

function level(value: number | undefined): Level | undefined {
  return value === undefined ? undefined : { value };
}

function expectLevel(seen: number, expected: number, channel: ChannelInfo, what: string): void {
  if (!isClose(seen, expected, channel)) expect(seen, what).toBe(expected);
}

async function expectAppError(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, seen ${error === undefined ? 'success' : String(error)}`);
}
