import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ntpFromUnixUs, unixUsFromNtp } from './ntp.ts';

const FEBRUARY_2036 = Date.UTC(2036, 1, 7, 6, 28, 16) * 1000;

test('the epoch of Unix time is 70 years, 17 of them leap, after the epoch of NTP', () => {
  expect(ntpFromUnixUs(0)).toEqual({ seconds: (70 * 365 + 17) * 86_400, fraction: 0 });
  expect(ntpFromUnixUs(500_000)).toMatchObject({ fraction: 2 ** 31 });
});

test('seconds begin again in February 2036, and are still understood', () => {
  expect(ntpFromUnixUs(FEBRUARY_2036)).toEqual({ seconds: 0, fraction: 0 });
  expect(unixUsFromNtp({ seconds: 0, fraction: 0 })).toBe(FEBRUARY_2036);
});

test('any microsecond until 2104 comes back', () => {
  fc.assert(
    fc.property(fc.nat(Date.UTC(2104, 0) * 1000), (us) => {
      expect(unixUsFromNtp(ntpFromUnixUs(us))).toBe(us);
    }),
    { numRuns: 1000 },
  );
});
