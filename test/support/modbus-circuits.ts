import { stringify } from 'yaml';
import type { Level } from '../../src/hardware/io/circuit.ts';
import { parseEvokText } from '../../src/hardware/io/drivers/modbus/evok-file.ts';
import { hwDefinition } from '../../src/hardware/io/drivers/modbus/hw-definition.ts';
import type {
  ModbusCircuit,
  Reading,
  Settings,
} from '../../src/hardware/io/drivers/modbus/modbus-circuit.ts';
import { holding, type Operation, Registers } from '../../src/hardware/io/drivers/modbus/registers.ts';

/** Circuits of a definition with these features, by `type/circuit`, over registers that a test sets. */
export class CircuitBench {
  readonly registers = new Registers();
  readonly #circuits: ReadonlyMap<string, ModbusCircuit>;

  private constructor(circuits: readonly ModbusCircuit[]) {
    this.#circuits = new Map(circuits.map((one) => [`${one.channel.type}/${one.channel.circuit}`, one]));
  }

  /** Circuits of the device `1`. */
  static async of(...features: readonly object[]): Promise<CircuitBench> {
    const text = stringify({ modbus_register_blocks: [], modbus_features: features });
    const file = await parseEvokText('board', 'test.yaml', text);
    return new CircuitBench(hwDefinition(file, { bus: 'BUS', device: '1', slaveId: 1 }).circuits);
  }

  get keys(): readonly string[] {
    return [...this.#circuits.keys()];
  }

  circuit(key: string): ModbusCircuit {
    const circuit = this.#circuits.get(key);
    if (circuit === undefined) throw new Error(`there is ${this.keys.join(', ')}, not ${key}`);
    return circuit;
  }

  set(start: number, ...values: readonly number[]): void {
    this.registers.store(holding(start), values);
  }

  reading(key: string): Reading {
    return this.circuit(key).reading(this.registers);
  }

  write(key: string, level: Level): readonly Operation[] {
    return this.circuit(key).write?.(level, this.registers) ?? [];
  }

  configure(key: string, settings: Settings): readonly Operation[] {
    return this.circuit(key).configure?.(settings, this.registers) ?? [];
  }

  /** Does what a circuit asks for. */
  apply(operations: readonly Operation[]): void {
    for (const operation of operations) this.registers.apply(operation);
  }
}
