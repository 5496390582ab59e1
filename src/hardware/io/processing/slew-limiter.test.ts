import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlewLimiter } from './slew-limiter.ts';

test.each([
  ['up', 0, 10, 500_000, 1],
  ['down', 0, -10, 500_000, -1],
  ['onto the target', 9.5, 10, 500_000, 10],
  ['not without time', 3, 10, 0, 3],
  ['not back when the clock seems to', 3, 10, -1_000_000, 3],
])('it goes %s', (_way, from, to, elapsedUs, expected) => {
  expect(new SlewLimiter(2).next(from, to, elapsedUs)).toBeCloseTo(expected, 12);
});

test('it arrives, never overshoots and never goes faster', () => {
  const value = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(value, value, fc.integer({ min: 1, max: 50 }), (from, to, perSecond) => {
      const limiter = new SlewLimiter(perSecond);
      let at = from;
      for (let step = 0; step < 2100 && at !== to; step += 1) {
        const next = limiter.next(at, to, 100_000);
        expect(Math.abs(next - at)).toBeLessThanOrEqual(perSecond / 10 + 1e-9);
        expect(Math.min(from, to) <= next && next <= Math.max(from, to)).toBe(true);
        at = next;
      }
      expect(at).toBe(to);
    }),
  );
});
