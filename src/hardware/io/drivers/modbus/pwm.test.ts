import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dutyPercent,
  dutyRegister,
  HARD_RANGE,
  hardRegisters,
  hardTiming,
  SOFT_RANGE,
  softRegisters,
  softTiming,
} from './pwm.ts';

const within = ({ minimumHz, maximumHz }: typeof HARD_RANGE | typeof SOFT_RANGE) =>
  fc.double({ min: minimumHz, max: maximumHz, noNaN: true });

test.each([
  [10_000, 4799, 0],
  [200_000, 239, 0],
  [1000, 999, 47],
  [960, 49_999, 0],
  [50, 9_999, 95],
  [1, 49_999, 959],
])('%d Hz is cycle %d and prescale %d', (frequencyHz, cycle, prescale) => {
  const registers = hardRegisters(frequencyHz);
  expect(hardTiming(registers.cycle, registers.prescale).frequencyHz).toBeCloseTo(frequencyHz, 9);
  expect(registers).toEqual({ cycle, prescale });
});

test('registers of the hardware stay within 16 bits, and the frequency within half a percent', () => {
  fc.assert(
    fc.property(within(HARD_RANGE), (frequencyHz) => {
      const { cycle, prescale } = hardRegisters(frequencyHz);
      for (const register of [cycle, prescale]) {
        expect(Number.isInteger(register)).toBe(true);
        expect(register).toBeGreaterThanOrEqual(0);
        expect(register).toBeLessThanOrEqual(65_535);
      }
      const timing = hardTiming(cycle, prescale);
      expect(timing.fullDuty).toBeLessThanOrEqual(65_535);
      expect(Math.abs(timing.frequencyHz / frequencyHz - 1)).toBeLessThan(0.005);
    }),
  );
});

test('frequencies of the firmware are 1000 Hz, 100 Hz, or 1000 Hz divided', () => {
  expect(softRegisters(1000)).toEqual({ preset: 0 });
  expect(softRegisters(100)).toEqual({ preset: 1 });
  expect(softRegisters(250)).toEqual({ preset: 2, divider: 3 });
  expect([softTiming(0, 7), softTiming(1, 7), softTiming(2, 7)].map((one) => one.frequencyHz)).toEqual([
    1000, 100, 125,
  ]);
});

test('registers of the firmware stay within 16 bits', () => {
  fc.assert(
    fc.property(within(SOFT_RANGE), (frequencyHz) => {
      const { preset, divider = 0 } = softRegisters(frequencyHz);
      expect(divider).toBeGreaterThanOrEqual(0);
      expect(divider).toBeLessThanOrEqual(65_535);
      // Neighbouring dividers lie this far apart.
      const step = frequencyHz / (divider + 1);
      expect(Math.abs(softTiming(preset, divider).frequencyHz - frequencyHz)).toBeLessThanOrEqual(step);
    }),
  );
});

test('a duty cycle fits its register, is off only at 0, and comes back', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.integer({ min: 2, max: 65_535 }),
      (percent, full) => {
        const register = dutyRegister(percent, full);
        expect(register).toBeLessThanOrEqual(full);
        expect(register === 0).toBe(percent === 0);
        // Off by the resolution of the register, or of a tenth of a percent.
        expect(Math.abs(dutyPercent(register, full) - percent)).toBeLessThanOrEqual(100 / full + 0.05);
      },
    ),
  );
});
