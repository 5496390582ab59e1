import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONTROL_IDS } from './control-ids.ts';

const HEADER = '/usr/include/linux/v4l2-controls.h';

test.skipIf(!existsSync(HEADER))('every id is the one of the kernel headers here', () => {
  const header = readFileSync(HEADER, 'utf8');
  const defined = new Map(
    [...header.matchAll(/^#define\s+(\w+)\s+(.+?)(?:\s*\/\*.*)?$/gm)].map(([, name = '', text = '']) => [
      name,
      text,
    ]),
  );
  const numberOf = (expression: string): number =>
    expression
      .replace(/[()]/g, '')
      .split(/[+|]/)
      .map((term) => term.trim())
      .reduce((sum, term) => {
        const text = defined.get(term);
        return sum + (text === undefined ? Number(term) : numberOf(text));
      }, 0);
  const theirs = Object.keys(CONTROL_IDS).map((name) => [name, numberOf(defined.get(name) ?? 'NaN')]);
  expect(Object.fromEntries(theirs)).toEqual(CONTROL_IDS);
});
