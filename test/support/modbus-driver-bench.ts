import type { CircuitKey, Health } from '../../src/hardware/io/circuit.ts';
import type { DriverServices, IoDriver } from '../../src/hardware/io/driver.ts';
import { openModbus } from '../../src/hardware/io/drivers/modbus/index.ts';
import { driverServices, RecordingListener } from '../contracts/recording-listener.ts';
import { brainBoard, EvokFolder, extensionBoard } from './modbus-board.ts';
import { ModbusServer } from './modbus-server.ts';
import { eventually } from './service.ts';

/** Two slaves of the example's models. */
export const BRAIN = { brain: { 'slave-id': 1, model: '00' } };
export const BOTH = { ...BRAIN, ext: { 'slave-id': 2, model: 'xS51' } };

/** A communication channel to a server of this machine. */
export const tcp = (port: number, devices: object, more: object = {}) => ({
  type: 'MODBUSTCP',
  ...{ port, devices },
  ...more,
});

export interface DriveOptions {
  readonly initialLevel?: DriverServices['initialLevel'];
  /** Changes the folder before it is read. */
  readonly prepare?: (folder: EvokFolder) => void;
}

/** A driver with all that it tells and logs, and the servers of a test; disposed in reverse order. */
export class ModbusDriverBench implements AsyncDisposable {
  readonly listener = new RecordingListener();
  readonly logged: string[] = [];
  readonly #open: AsyncDisposable[] = [];
  #driver: IoDriver | undefined;

  get driver(): IoDriver {
    if (this.#driver === undefined) throw new Error('the driver is not open');
    return this.#driver;
  }

  use<T extends AsyncDisposable>(resource: T): T {
    this.#open.push(resource);
    return resource;
  }

  /** A server with the example's brain as slave 1 and extension as slave 2. */
  async serve(line: 'tcp' | 'rtu' = 'tcp', port = 0): Promise<ModbusServer> {
    return this.use(await ModbusServer.start(line, { 1: brainBoard(), 2: extensionBoard() }, port));
  }

  async drive(channels: Readonly<Record<string, unknown>>, options: DriveOptions = {}): Promise<void> {
    const folder = new EvokFolder(channels);
    this.use({ [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
    options.prepare?.(folder);
    const keep = (_: object, message: string) => void this.logged.push(message);
    const services = driverServices(this.listener, {
      log: { debug: keep, info: keep, warn: keep, error: keep },
      ...(options.initialLevel !== undefined && { initialLevel: options.initialLevel }),
    });
    this.#driver = this.use(await openModbus('board', { kind: 'modbus', folder: folder.path }, services));
  }

  /** Resolves once a circuit was told to be so. */
  until(key: CircuitKey, state: Health['state']): Promise<Health | undefined> {
    const isSo = (health: Health | undefined) => health?.state === state;
    return eventually(() => this.listener.healthOf(key), isSo, `${key} being ${state}`);
  }

  /** All that was told of a circuit's health. */
  states(key: CircuitKey): readonly Health['state'][] {
    return this.listener.healths.filter((told) => told.key === key).map(({ health }) => health.state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  }
}
