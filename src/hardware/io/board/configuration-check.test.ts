import { expect, test } from 'vitest';
import { MemoryBoard, type SomeSettings } from '../../../../test/support/memory-board.ts';
import { analog, digital } from '../../../../test/support/memory-driver.ts';
import type { Interlocks } from '../settings.ts';

const channels = [
  digital('di/gate'),
  digital('do/valve'),
  digital('do/pump'),
  analog('ao/heater', { minimum: 2, maximum: 5 }),
  analog('ai/level'),
];

test.each<[string, SomeSettings, Interlocks, string]>([
  [
    'a circuit that is not there',
    { do: { vavle: {} } },
    {},
    'io.circuits.do.vavle: no driver has it; there is valve, pump',
  ],
  [
    'of a type that is not there',
    { ro: { a: {} } },
    {},
    'io.circuits.ro.a: no driver has it; there is none of this type',
  ],
  ['an alias that is a name', { do: { valve: { alias: 'pump' } } }, {}, 'io.circuits.do.valve.alias: pump'],
  [
    'an alias used twice',
    { do: { valve: { alias: 'a' }, pump: { alias: 'a' } } },
    {},
    'io.circuits.do.pump.alias: a is the alias of do/valve already',
  ],
  [
    'a switched output that is not there',
    { di: { gate: { directSwitch: 'do/x' } } },
    {},
    'io.circuits.di.gate.directSwitch: do/x',
  ],
  [
    'an interlock of nothing',
    {},
    { motor: ['do/x'] },
    'io.interlocks.motor: do/x is no digital output; there is valve, pump',
  ],
  [
    'safe values that are both on',
    { do: { valve: { safe: 1 }, pump: { safe: 1 } } },
    { motor: ['do/valve', 'do/pump'] },
    'io.interlocks.motor: the safe values of do/valve and do/pump are 1',
  ],
  [
    'start-up values that are both on',
    { do: { valve: { startUp: 1 }, pump: { startUp: 1 } } },
    { motor: ['do/valve', 'do/pump'] },
    'io.interlocks.motor: the startUp values',
  ],
  [
    'a safe value out of range',
    { ao: { heater: { safe: 1 } } },
    {},
    'io.circuits.ao.heater.safe: it is 1; expected 2 to 5',
  ],
  ['no range at all', { ao: { heater: { minimum: 6 } } }, {}, 'io.circuits.ao.heater: nothing lies within'],
  [
    'a calibration of one point',
    { ai: { level: { calibration: [{ measured: 1, actual: 2 }] } } },
    {},
    'ai/level',
  ],
])('%s is refused, and the drivers are closed', async (_what, settings, interlocks, message) => {
  let hardware: MemoryBoard['hardware'] | undefined;
  const wrong = MemoryBoard.open({
    settings,
    interlocks,
    drivers: (memory) => {
      hardware = memory;
      return [memory.driver(channels)];
    },
  });
  await expect(wrong).rejects.toMatchObject({
    code: 'IO_CONFIG_INVALID',
    message: expect.stringContaining(message),
  });
  expect(hardware?.disposals).toBe(1);
});

test('a circuit that two drivers offer is refused', async () => {
  const wrong = MemoryBoard.open({
    drivers: (memory) => ['first', 'second'].map((name) => memory.driver([digital('do/valve')], { name })),
  });
  await expect(wrong).rejects.toMatchObject({
    code: 'IO_CONFIG_INVALID',
    message: expect.stringContaining('do/valve is offered by first and second'),
  });
});

test('an input whose hardware switches by itself is not to switch in software too', async () => {
  const mode = {
    name: 'mode',
    kind: 'choice',
    choices: ['Simple', 'DirectSwitch'],
    isWritable: true,
  } as const;
  const wrong = MemoryBoard.open({
    channels: [digital('di/gate', { settings: [mode] }), digital('do/valve')],
    settings: { di: { gate: { directSwitch: 'do/valve' } } },
  });
  await expect(wrong).rejects.toMatchObject({
    message: expect.stringContaining('write its mode Simple or DirectSwitch'),
  });
});

test('a driver that does not open closes the others', async () => {
  let hardware: MemoryBoard['hardware'] | undefined;
  const wrong = MemoryBoard.open({
    drivers: (memory) => {
      hardware = memory;
      const broken = {
        name: 'broken',
        kind: 'memory',
        open: () => Promise.reject(new Error('no such chip')),
      };
      return [broken, memory.driver(channels)];
    },
  });
  await expect(wrong).rejects.toThrow('no such chip');
  expect(hardware?.disposals).toBe(1);
});

test('circuits are ordered by type, then as the drivers list them, and found by their aliases', async () => {
  await using one = await MemoryBoard.open({
    settings: { do: { valve: { alias: 'water', label: 'Water' } }, ao: { heater: { maximum: 4 } } },
    drivers: (memory) => [
      memory.driver(channels, { name: 'first' }),
      memory.driver([digital('do/late'), digital('di/late')], { name: 'second' }),
    ],
  });
  expect(one.board.circuits().map(({ key }) => key)).toEqual([
    'di/gate',
    'di/late',
    'do/valve',
    'do/pump',
    'do/late',
    'ai/level',
    'ao/heater',
  ]);
  expect(one.board.find('do', 'water')).toMatchObject({ key: 'do/valve', alias: 'water', label: 'Water' });
  expect(one.board.find('do', 'pump')).toMatchObject({ label: 'memory do/pump', driver: { name: 'first' } });
  expect(one.board.find('ao', 'heater')).toMatchObject({ minimum: 2, maximum: 4, output: { safe: 2 } });
  expect(() => one.board.find('do', 'x')).toThrow(expect.objectContaining({ code: 'CIRCUIT_NOT_FOUND' }));
  await expect(one.board.read(['do/x'])).rejects.toMatchObject({ code: 'CIRCUIT_NOT_FOUND' });
});
