import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kernelFiles } from './attribute-files.ts';
import { Attributes, parseDecimal } from './attributes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attributes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const attributes = (at = folder) =>
  new Attributes(at, { where: 'the lamp', advice: 'ask', files: kernelFiles });

describe('attributes', () => {
  test('are read without their line feed, and written with one', async () => {
    writeFileSync(join(folder, 'brightness'), '255\n');
    expect(await attributes().text('brightness')).toBe('255');
    expect(await attributes().integer('brightness')).toBe(255);
    await attributes().write('brightness', 0);
    expect(readFileSync(join(folder, 'brightness'), 'utf8')).toBe('0\n');
  });

  test('longer than a page are read whole, up to a limit', async () => {
    writeFileSync(join(folder, 'trigger'), 'x'.repeat(10_000));
    expect(await attributes().text('trigger')).toHaveLength(10_000);
    writeFileSync(join(folder, 'trigger'), 'x'.repeat(1_000_000));
    expect(await attributes().text('trigger')).toHaveLength(65_536);
  });

  test('that are not there are not made by writing', async () => {
    await expect(attributes().write('brightness', 1)).rejects.toMatchObject({ code: 'IO_GONE' });
    expect(await attributes().names()).toEqual([]);
  });

  test('without their folder are not present', async () => {
    const missing = attributes(join(folder, 'missing'));
    await expect(missing.names()).rejects.toMatchObject({
      code: 'IO_NOT_PRESENT',
      message: expect.stringContaining('missing'),
    });
  });

  test('that fail otherwise say how', async () => {
    mkdirSync(join(folder, 'brightness'));
    await expect(attributes().text('brightness')).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: 'the lamp failed: brightness could not be read: EISDIR.',
    });
  });

  test.skipIf(process.getuid?.() === 0)('without permission say what grants it', async () => {
    writeFileSync(join(folder, 'brightness'), '1');
    chmodSync(join(folder, 'brightness'), 0o000);
    await expect(attributes().text('brightness')).rejects.toMatchObject({
      code: 'IO_DENIED',
      message: expect.stringContaining('ask'),
    });
  });
});

test('any text is a finite number or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+.\deExX]{0,50}$/)), (text) => {
      const value = parseDecimal(text);
      if (value !== undefined) expect(Number.isFinite(value)).toBe(true);
    }),
  );
  expect(['-0.0625', '+3', '062', '1e3', '', '.5', '1.', 'NaN', '0x10'].map(parseDecimal)).toEqual([
    -0.0625,
    3,
    62,
    ...Array.from({ length: 6 }),
  ]);
});
