import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's Python, which has pymodbus; another may come first in PATH. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'modbus-server.py');

/** Whether Debian's python3-pymodbus is installed. */
export function hasPymodbus(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import pymodbus, serial'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Registers of a slave by address; a coil that is switched sets a bit. */
export interface ServedSlave {
  readonly holding?: Readonly<Record<number, number>>;
  readonly inputs?: Readonly<Record<number, number>>;
  readonly coils?: Readonly<Record<number, boolean>>;
  readonly mirrors?: readonly { readonly coil: number; readonly register: number; readonly bit: number }[];
}

/** What a slave does wrong: to every request, or to those of one function or address. */
export type SlaveFault =
  | { readonly kind?: undefined }
  | (Readonly<{ function?: number; address?: number }> &
      (
        | { readonly kind: 'silent' | 'close' }
        | { readonly kind: 'exception'; readonly code: number }
        | { readonly kind: 'garbage'; readonly bytes: string }
        | { readonly kind: 'late'; readonly seconds: number }
      ));

const TABLES = { coil: 1, holding: 3, input: 4 } as const;
type Table = keyof typeof TABLES;

/** A Modbus server process, as a test drives it. */
export class ModbusServer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #answers: ((line: string) => void)[] = [];
  #place: { readonly port?: number; readonly path?: string } = {};

  private constructor(kind: 'tcp' | 'rtu', port: number) {
    this.#process = spawn(PYTHON, [SCRIPT, kind, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('a piped child has a standard output');
    createInterface({ input: stdout }).on('line', (line) => this.#answers.shift()?.(line));
  }

  static async start(
    kind: 'tcp' | 'rtu',
    slaves: Readonly<Record<number, ServedSlave>>,
    port = 0,
  ): Promise<ModbusServer> {
    const server = new ModbusServer(kind, port);
    // The script's first line.
    server.#place = (await server.#answer()) as { port?: number; path?: string };
    for (const [unit, slave] of Object.entries(slaves)) {
      const { holding = {}, inputs = {}, coils = {}, mirrors = [] } = slave;
      const shown = mirrors.map(({ coil, register, bit }) => [coil, register, bit]);
      await server.#command({ do: 'slave', unit: Number(unit), holding, inputs, coils, mirrors: shown });
    }
    return server;
  }

  get port(): number {
    return this.#place.port ?? 0;
  }

  /** The pseudo-terminal of the kind `rtu`. */
  get path(): string {
    return this.#place.path ?? '';
  }

  async set(unit: number, table: Table, address: number, ...values: readonly number[]): Promise<void> {
    await this.#command({ do: 'set', unit, function: TABLES[table], address, values });
  }

  async get(unit: number, table: Table, address: number, count = 1): Promise<readonly number[]> {
    // The script answers with a list of numbers.
    return (await this.#command({ do: 'get', unit, function: TABLES[table], address, count })) as number[];
  }

  async fault(unit: number, fault: SlaveFault): Promise<void> {
    await this.#command({ do: 'fault', unit, fault });
  }

  /** Requests since the last call: slave, function, address. */
  async requests(): Promise<readonly [number, number, number][]> {
    // The script answers with triples.
    return (await this.#command({ do: 'requests' })) as [number, number, number][];
  }

  /** Closes the connections of all clients. */
  async disconnect(): Promise<void> {
    await this.#command({ do: 'disconnect' });
  }

  async #command(what: object): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(what)}\n`);
    // Every answer of the script has this shape.
    return ((await this.#answer()) as { result: unknown }).result;
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('The Modbus server has ended.'));
      this.#process.once('exit', onExit);
      this.#answers.push((line) => {
        this.#process.off('exit', onExit);
        resolve(JSON.parse(line));
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin?.end();
    await ended;
  }
}
