import { expect, test } from 'vitest';
import { groupCircuits, typeOf } from './io-groups.ts';
import { digitalInput } from './io-test-circuits.ts';

test('circuits come in groups of the page, each in the order of the service, and none is left out', () => {
  const keys = ['di/2', 'di/1', 'ro/1', 'do/1', 'led/1', 'sensor/1', 'wd/1', 'owpower/1', 'something_new/1'];
  const groups = groupCircuits(keys.map((key) => ({ ...digitalInput, key })));
  expect(groups.map(({ title, circuits }) => [title, circuits.map(({ key }) => key)])).toEqual([
    ['Inputs', ['di/2', 'di/1']],
    ['Outputs', ['ro/1', 'do/1']],
    ['LEDs', ['led/1']],
    ['Sensors', ['sensor/1']],
    ['Others', ['wd/1', 'owpower/1', 'something_new/1']],
  ]);
});

test('no circuits, no groups', () => {
  expect(groupCircuits([])).toEqual([]);
});

test('a type is what stands before the first slash', () => {
  expect(typeOf('do/1_01')).toBe('do');
});
