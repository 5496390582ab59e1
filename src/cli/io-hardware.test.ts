import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeIoHardware, suggestedConfiguration } from './io-hardware.ts';

const chip = (offset: number) => ({
  title: 'gpiochip0  pinctrl',
  details: ['17  GPIO17  input  free'],
  suggestion: { name: 'header', config: { kind: 'gpio', chip: 'pinctrl', di: { GPIO17: { offset } } } },
});

test('hardware is listed with its parts', () => {
  expect(describeIoHardware([chip(17)])).toBe('gpiochip0  pinctrl\n  17  GPIO17  input  free');
  expect(describeIoHardware([])).toBe('No I/O hardware.');
});

test('the suggestion is a configuration with a name of its own for each driver', async () => {
  const found = [chip(17), { title: 'LED', details: [] }, chip(18)];
  expect(parse(await suggestedConfiguration(found))).toEqual({
    io: {
      drivers: {
        header: chip(17).suggestion.config,
        'header 2': { kind: 'gpio', chip: 'pinctrl', di: { GPIO17_2: { offset: 18 } } },
      },
    },
  });
});

test('circuits of one name, of two chips alike, are told apart', async () => {
  const found = [chip(17), chip(18), chip(19)];
  const { io } = parse(await suggestedConfiguration(found)) as { io: { drivers: Record<string, unknown> } };
  expect(Object.values(io.drivers)).toEqual([
    { kind: 'gpio', chip: 'pinctrl', di: { GPIO17: { offset: 17 } } },
    { kind: 'gpio', chip: 'pinctrl', di: { GPIO17_2: { offset: 18 } } },
    { kind: 'gpio', chip: 'pinctrl', di: { GPIO17_3: { offset: 19 } } },
  ]);
});

test('where there is nothing to configure, the suggestion is an empty configuration that says so', async () => {
  const text = await suggestedConfiguration([{ title: 'LED', details: [] }]);
  expect(parse(text)).toBeNull();
  expect(text).toMatch(/No I\/O hardware/);
});
