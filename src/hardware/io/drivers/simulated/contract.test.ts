import { describeIoDriver, type IoDriverFixture } from '../../../../../test/contracts/io-driver.ts';
import type { CircuitKey } from '../../circuit.ts';
import { openSimulatedBoard, type SimulatedDriver } from './index.ts';

/** What is at the other end of a wire: there an output can be seen, and an input be moved. */
const WIRES: Readonly<Record<string, CircuitKey>> = {
  'do/1_01': 'di/1_01',
  'do/1_02': 'di/1_02',
  'ao/1_01': 'ai/1_01',
  'di/1_01': 'do/1_01',
  'di/1_02': 'do/1_02',
};

function simulatedBoard(): IoDriverFixture {
  let driver: SimulatedDriver | undefined;
  let vanished: Disposable | undefined;
  const call = { signal: new AbortController().signal };
  const otherEnd = (key: CircuitKey) => WIRES[key] ?? key;
  return {
    outputs: ['do/1_01', 'do/1_02', 'ao/1_01'],
    inputs: ['di/1_01', 'di/1_02'],
    open: async (services) => {
      driver = await openSimulatedBoard('simulated', { faults: [] }, services);
      return driver;
    },
    physical: async (key) => (await driver?.read(otherEnd(key), call))?.level.value ?? Number.NaN,
    // A board that is switched off moves nothing.
    drive: async (key, value) =>
      driver?.write([{ key: otherEnd(key), level: { value } }], call).catch(() => {}),
    unplug: () => {
      vanished = driver?.inject('vanish');
    },
    replug: () => vanished?.[Symbol.dispose](),
    mute: () => {
      driver?.inject('silent');
    },
  };
}

describeIoDriver('the simulated board', simulatedBoard);
