import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { CircuitBench } from '../../../../../test/support/modbus-circuits.ts';
import { HARD_RANGE } from './pwm.ts';

const BRAIN = {
  ...{ type: 'DO', count: 4, modes: ['Simple', 'PWM'], val_reg: 1, val_coil: 0 },
  ...{ pwm_reg: 16, pwm_ps_reg: 1017, pwm_c_reg: 1018 },
};
const EVERY = ['do/1_01', 'do/1_02', 'do/1_03', 'do/1_04'];
let bench: CircuitBench;
beforeEach(async () => {
  bench = await CircuitBench.of(BRAIN);
  bench.set(1017, 0, 4799);
});

test('outputs have a bit to read and a coil to write', () => {
  expect(bench.keys).toEqual(EVERY);
  bench.set(1, 0b0100);
  expect(bench.reading('do/1_03')).toEqual({
    level: { value: 1 },
    settings: { mode: 'Simple', pwm_freq: 10_000 },
  });
  expect(bench.write('do/1_03', { value: 1 })).toEqual([{ kind: 'coils', start: 2, states: [true] }]);
});

test('a value ends the modulation', () => {
  bench.set(17, 1200);
  expect(bench.reading('do/1_02')).toEqual({
    level: { value: 1, pwm: { dutyPercent: 25, frequencyHz: 10_000 } },
    settings: { mode: 'PWM', pwm_freq: 10_000 },
  });
  expect(bench.write('do/1_02', { value: 0 })).toEqual([
    { kind: 'coils', start: 1, states: [false] },
    { kind: 'registers', start: 17, values: [0] },
  ]);
});

test('modulation clears the coil, which would hold the output on', () => {
  bench.set(1, 0b0001);
  const level = { value: 1, pwm: { dutyPercent: 50, frequencyHz: 10_000 } };
  expect(bench.write('do/1_01', level)).toEqual([
    { kind: 'coils', start: 0, states: [false] },
    { kind: 'registers', start: 16, values: [2400] },
  ]);
});

test('a new frequency keeps the duty cycles of the other outputs', () => {
  bench.set(16, 1200, 4800, 0, 0);
  const operations = bench.write('do/1_04', { value: 1, pwm: { dutyPercent: 10, frequencyHz: 1000 } });
  expect(operations).toEqual([
    { kind: 'registers', start: 1018, values: [999] },
    { kind: 'registers', start: 1017, values: [47] },
    { kind: 'registers', start: 16, values: [250] },
    { kind: 'registers', start: 17, values: [1000] },
    { kind: 'registers', start: 19, values: [100] },
  ]);
  bench.apply(operations);
  expect(EVERY.map((key) => bench.reading(key).level.pwm?.dutyPercent)).toEqual([25, 100, undefined, 10]);
});

test('whatever is written reads back, and the others stay', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 1, max: HARD_RANGE.maximumHz, noNaN: true }),
      (dutyPercent, frequencyHz) => {
        bench.set(1017, 0, 4799);
        bench.set(16, 2400, 0, 0, 0);
        bench.apply(bench.write('do/1_02', { value: 1, pwm: { dutyPercent, frequencyHz } }));
        const { pwm } = bench.reading('do/1_02').level;
        // At 200 kHz a duty register has 240 steps.
        expect(Math.abs((pwm?.dutyPercent ?? 0) - dutyPercent)).toBeLessThanOrEqual(0.5);
        expect(Math.abs((pwm?.frequencyHz ?? 0) / frequencyHz - 1)).toBeLessThan(0.005);
        expect(bench.reading('do/1_01').level.pwm?.dutyPercent).toBeCloseTo(50, 0);
        for (let register = 16; register < 20; register += 1)
          expect(bench.registers.word(register)).toBeLessThanOrEqual(bench.registers.word(1018) + 1);
      },
    ),
  );
});

test('modulation by the firmware has presets, a divider, and duty cycles in percent', async () => {
  const soft = await CircuitBench.of({
    ...{ type: 'DO', count: 2, val_reg: 1, val_coil: 0 },
    ...{ pwm_reg: 16, pwm_preset_reg: 1020, pwm_cpres_reg: 1021 },
  });
  soft.set(17, 60);
  expect(soft.write('do/1_01', { value: 1, pwm: { dutyPercent: 30, frequencyHz: 100 } })).toEqual([
    { kind: 'registers', start: 1020, values: [1] },
    { kind: 'registers', start: 16, values: [30] },
  ]);
  soft.apply(soft.write('do/1_01', { value: 1, pwm: { dutyPercent: 30, frequencyHz: 200 } }));
  expect(soft.reading('do/1_01').level.pwm).toEqual({ dutyPercent: 30, frequencyHz: 200 });
  expect(soft.reading('do/1_02').level.pwm).toEqual({ dutyPercent: 60, frequencyHz: 200 });
});

test('an output without duty registers is only switched', async () => {
  const plain = await CircuitBench.of({ type: 'DO', val_reg: 1, val_coil: 5 });
  expect(plain.circuit('do/1_01').channel.features).toEqual({});
  expect(plain.write('do/1_01', { value: 1 })).toEqual([{ kind: 'coils', start: 5, states: [true] }]);
});
