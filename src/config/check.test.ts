import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { nearest } from './nearest.ts';
import { ConfigSchema } from './schema.ts';

const validate = new Ajv({ strict: false }).compile(ConfigSchema);

const some = <T extends Record<string, fc.Arbitrary<unknown>>>(keys: T): fc.Arbitrary<unknown> =>
  fc.record(keys, { requiredKeys: [] });
const mostly = (...valid: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...valid) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(-1, 1.5, 1e9, '8', '', true, 'odd', ['x'], { x: 1 }) },
  );
const count = mostly(1, 20, 51);
const key = (valid: string): fc.Arbitrary<string> => mostly(valid).map(String);
const encoder = some({
  quality: count,
  gopLength: mostly(0, 60),
  profile: mostly('main'),
  codec: mostly('libx264'),
});
const fault = fc.oneof(
  fc.record({ kind: mostly('stall', 'vanish'), afterMs: count, durationMs: count }),
  fc.record({ kind: mostly('resize'), afterMs: count, width: mostly(16, 640), height: mostly(4096) }),
);
const configuration = some({
  server: some({
    port: count,
    host: mostly('::1'),
    logLevel: mostly('warn'),
    corsOrigins: mostly(['*'], []),
  }),
  compatibility: some({ streamList: mostly('array') }),
  streams: some({ maxReaders: count, gopCache: some({ maxMs: count }), encoder }),
  cameras: some({
    simulated: some({ enabled: mostly('never'), faults: fc.array(fault, { maxLength: 2 }) }),
    url: fc.dictionary(
      key('front door'),
      fc.record({ sensors: fc.dictionary(key('CAM_A'), some({ url: mostly('a.mp4') })) }),
    ),
    sensors: fc.dictionary(key('SIM1/CAM_A'), some({ label: mostly('Gate'), encoder })),
  }),
});

test('a configuration that passes is valid by the JSON Schema, with its defaults filled in', () => {
  let passed = 0;
  fc.assert(
    fc.property(configuration, (content) => {
      const { value, problems } = check(ConfigSchema, content);
      if (problems.length > 0) return;
      passed += 1;
      expect(validate(value)).toBe(true);
    }),
    { numRuns: 2000, seed: 7 },
  );
  expect(passed).toBeGreaterThan(500);
});

test('a single wrong value anywhere in a valid configuration is found, with its path', () => {
  const { value: valid } = check(ConfigSchema, {});
  const leaves = paths(valid as Record<string, unknown>); // check() of {} gives a mapping
  fc.assert(
    fc.property(fc.constantFrom(...leaves), fc.constantFrom({ odd: 1 }, Number.NaN, -1.5), (path, wrong) => {
      const changed = structuredClone(valid);
      let at = changed as Record<string, unknown>; // every path but its last key leads to a mapping
      for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
      at[path.at(-1) ?? ''] = wrong;
      expect(validate(structuredClone(changed))).toBe(false);
      expect(check(ConfigSchema, changed).problems[0]?.path.slice(0, path.length)).toEqual(path);
    }),
  );
});

function paths(value: Record<string, unknown>, above: string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? paths(item as Record<string, unknown>, [...above, key])
      : [[...above, key]],
  );
}

test.each([
  ['gop_cache', 'gopCache'],
  ['corsOrigin', 'corsOrigins'],
  ['loglevel', 'logLevel'],
  ['hots', 'host'],
  ['bitrate', undefined],
])('the key nearest to %s is %s', (word, expected) => {
  const words = ['gopCache', 'corsOrigins', 'logLevel', 'host', 'port'];
  expect(nearest(word, words)).toBe(expected);
});
