import { describe, test } from 'vitest';
import { describeIoDriver, type IoDriverFixture } from '../../../../../test/contracts/io-driver.ts';
import { brainBoard, EvokFolder, extensionBoard } from '../../../../../test/support/modbus-board.ts';
import { hasPymodbus, ModbusServer } from '../../../../../test/support/modbus-server.ts';
import type { CircuitKey } from '../../circuit.ts';
import { openModbus } from './index.ts';

/** An output's register on the extension, and what makes its value of it. */
const OUTPUTS: Readonly<Record<CircuitKey, (server: ModbusServer) => Promise<number>>> = {
  'ro/ext_01': async (server) => bit(await server.get(2, 'holding', 1), 0),
  'ro/ext_05': async (server) => bit(await server.get(2, 'holding', 1), 4),
  'ao/ext_02': async (server) => ((await server.get(2, 'holding', 3))[0] ?? 0) * 0.0025,
  'do/brain_01': async (server) => bit(await server.get(1, 'holding', 1), 0),
  'do/brain_02': async (server) => bit(await server.get(1, 'holding', 1), 1),
  'led/brain_04': async (server) => bit(await server.get(1, 'holding', 20), 3),
  'owpower/brain': async (server) => bit(await server.get(1, 'coil', 1001), 0),
};
const bit = ([word = 0]: readonly number[], place: number): number => (word >> place) & 1;

/** Two boards on one line. Their debounce times are in steps that the suite does not know, so they have none. */
async function boards(line: 'tcp' | 'rtu'): Promise<IoDriverFixture> {
  const slaves = { 1: brainBoard(), 2: extensionBoard() };
  let server = await ModbusServer.start(line, slaves);
  const { port, path } = server;
  const devices = {
    brain: { 'slave-id': 1, model: 'brain' },
    ext: { 'slave-id': 2, model: 'ext' },
  };
  const bus = line === 'tcp' ? { type: 'MODBUSTCP', port } : { type: 'MODBUSRTU', port: path };
  const folder = new EvokFolder({ BUS: { ...bus, devices } });
  for (const [model, name] of [
    ['00', 'brain'],
    ['xS51', 'ext'],
  ] as const)
    folder.write(
      `hw_definitions/${name}.yaml`,
      folder.read(`hw_definitions/${model}.yaml`).replace(/.*deboun_reg.*/g, ''),
    );
  return {
    open: (services) => openModbus('board', { kind: 'modbus', folder: folder.path }, services),
    // The suite's keys are of this table.
    outputs: Object.keys(OUTPUTS) as CircuitKey[],
    physical: (key) => OUTPUTS[key]?.(server) ?? Number.NaN,
    inputs: ['di/brain_03', 'di/ext_01'],
    drive: (key, value) =>
      key === 'di/brain_03' ? server.set(1, 'holding', 0, value << 2) : server.set(2, 'holding', 0, value),
    ...(line === 'tcp' && {
      unplug: () => server[Symbol.asyncDispose](),
      replug: async () => {
        server = await ModbusServer.start(line, slaves, port);
      },
    }),
    mute: async () => {
      for (const slave of [1, 2]) await server.fault(slave, { kind: 'silent' });
    },
    release: async () => {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

if (hasPymodbus()) {
  describeIoDriver('Modbus TCP', () => boards('tcp'));
  describeIoDriver('Modbus RTU', () => boards('rtu'));
} else
  describe('Modbus as an IoDriver', () => {
    test.skip("needs Debian's python3-pymodbus", () => {});
  });
