import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { ServedSlave } from './modbus-server.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../src/hardware/io/drivers/modbus/example');

const zeros = (start: number, count: number): Record<number, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [start + index, 0]));

const mirrors = (firstCoil: number, register: number, count: number) =>
  Array.from({ length: count }, (_, bit) => ({ coil: firstCoil + bit, register, bit }));

const coils = (...numbers: readonly number[]) => Object.fromEntries(numbers.map((coil) => [coil, false]));

/** The example's brain board (model 00), with 10 kHz PWM and everything else at 0. */
export function brainBoard(): ServedSlave {
  return {
    holding: { ...zeros(0, 2), ...zeros(5, 16), ...zeros(1000, 32), ...zeros(3000, 6), 1018: 4799 },
    coils: coils(0, 1, 2, 3, 8, 9, 10, 11, 1001, 1002, 1003),
    mirrors: [...mirrors(0, 1, 4), ...mirrors(8, 20, 4)],
  };
}

/** The example's extension (model xS51), with its inputs measuring voltages. */
export function extensionBoard(): ServedSlave {
  return {
    holding: { ...zeros(0, 27), ...zeros(1000, 25), 1019: 1, 1020: 1, 1021: 1, 1022: 1 },
    coils: coils(0, 1, 2, 3, 4, 1002, 1003),
    mirrors: mirrors(0, 1, 5),
  };
}

/** A folder with the example's definitions and a configuration of one's own. */
export class EvokFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'evok-'));

  constructor(channels: Readonly<Record<string, unknown>>) {
    cpSync(EXAMPLE, this.path, { recursive: true });
    this.write('config.yaml', stringify({ comm_channels: channels }));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
