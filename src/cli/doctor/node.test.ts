import { expect, test } from 'vitest';
import { checkNode } from './node.ts';

test.each([
  ['18.20.4', 'fail'],
  ['20.18.3', 'fail'],
  ['20.19.0', 'warn'],
  ['22.23.3', 'ok'],
  ['24.21.0', 'ok'],
])('Node %s: %s', (version, status) => {
  expect(checkNode(version)).toMatchObject({ status });
});
