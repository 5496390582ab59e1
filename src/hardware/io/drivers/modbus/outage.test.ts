import { expect, test } from 'vitest';
import { ioTimeout } from '../../errors.ts';
import { failed, healthOf, type Outage } from './outage.ts';

const problem = ioTimeout('bus B, slave 1', 500);

test('retries begin after one interval and come half as often each time, down to every two minutes', () => {
  let outage: Outage | undefined;
  const delays: number[] = [];
  for (let count = 0; count < 16; count += 1) {
    outage = failed(outage, problem, 1000, 20);
    delays.push((outage.retryUs - 1000) / 1000);
  }
  expect(delays.slice(0, 5)).toEqual([20, 40, 80, 160, 320]);
  expect(delays.slice(-3)).toEqual([120_000, 120_000, 120_000]);
  expect(outage?.sinceUs).toBe(1000);
});

test('what was read before is stale for five seconds, then down; what was never read is down', () => {
  const outage = failed(undefined, problem, 0, 20);
  const told = { code: 'IO_TIMEOUT', message: problem.message };
  expect(healthOf(outage, true, 4_999_999)).toEqual({ state: 'stale', problem: told });
  expect(healthOf(outage, true, 5_000_000)).toEqual({ state: 'down', problem: told });
  expect(healthOf(outage, false, 0)).toEqual({ state: 'down', problem: told });
});
