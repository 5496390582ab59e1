import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('a monotonic moment has the wall-clock time it had or will have', () => {
  const now = systemClock.monotonicUs();
  expect(Math.abs(systemClock.wallUsAt(now) - Date.now() * 1000)).toBeLessThan(50_000);
  expect(systemClock.wallUsAt(now + 5e6) - systemClock.wallUsAt(now)).toBeGreaterThan(4.9e6);
});
