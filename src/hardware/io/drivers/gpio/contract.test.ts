import { describeIoDriver } from '../../../../../test/contracts/io-driver.ts';
import { configured } from '../../../../../test/support/configured.ts';
import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { FakeGpio, type FakeLine } from '../../../../../test/support/fake-gpio.ts';
import type { CircuitKey } from '../../circuit.ts';
import { GpioConfig } from './config.ts';
import { GpioDriver } from './gpio-driver.ts';

describeIoDriver('gpio', () => {
  const gpio = new FakeGpio();
  const clock = new FakeClock();
  let lines: FakeLine[] = [];
  const plug = () => {
    lines = gpio.addChip('gpiochip3', 'board', ['DOOR', 'BUTTON', 'RELAY', 'LAMP', 'VALVE']);
  };
  plug();
  const line = (key: CircuitKey): FakeLine => {
    const places: Record<string, number> = {
      'di/door': 0,
      'di/button': 1,
      'ro/relay': 2,
      'led/lamp': 3,
      'do/valve': 4,
    };
    const found = lines[places[key] ?? -1];
    if (found === undefined) throw new Error(`no line for ${key}`);
    return found;
  };
  const logical = (key: CircuitKey, level: 0 | 1): 0 | 1 => {
    const isActiveLow = key === 'di/button' || key === 'do/valve';
    return isActiveLow ? (level === 1 ? 0 : 1) : level;
  };
  return {
    services: { clock, descriptors: gpio },
    open: async (services) => {
      const driver = new GpioDriver(
        'test',
        configured(GpioConfig, {
          kind: 'gpio',
          chip: 'board',
          di: { door: { offset: 0 }, button: { name: 'BUTTON', activeLow: true, bias: 'pull-up' } },
          ro: { relay: { offset: 2 } },
          led: { lamp: { name: 'LAMP', drive: 'open-drain' } },
          do: { valve: { offset: 4, activeLow: true } },
        }),
        services,
        gpio,
      );
      setImmediate(() => driver.begin());
      return driver;
    },
    outputs: ['ro/relay', 'led/lamp', 'do/valve'],
    inputs: ['di/door', 'di/button'],
    physical: (key) => logical(key, gpio.level(line(key))),
    history: (key) => line(key).history.map((level) => logical(key, level)),
    drive: (key, value) => {
      const timestampNs = BigInt(clock.monotonicUs()) * 1000n;
      gpio.pull(line(key), logical(key, value === 0 ? 0 : 1), { timestampNs });
    },
    unplug: () => gpio.removeChip('gpiochip3'),
    replug: plug,
    pass: () => clock.advance(100),
  };
});
