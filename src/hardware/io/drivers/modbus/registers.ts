/** Tables of a Modbus slave that evok's definitions use. @see Modbus application protocol V1.1b3 §4.3 */
export type Table = 'holding' | 'input' | 'coil';

/** Consecutive registers, or coils, of one table. */
export interface RegisterRange {
  readonly table: Table;
  readonly start: number;
  readonly count: number;
}

export const holding = (start: number, count = 1): RegisterRange => ({ table: 'holding', start, count });

export function covers(outer: RegisterRange, inner: RegisterRange): boolean {
  return (
    outer.table === inner.table &&
    outer.start <= inner.start &&
    outer.start + outer.count >= inner.start + inner.count
  );
}

/** One change of a slave; each is one request, `bits` two: other circuits have bits in the same register. */
export type Operation =
  | { readonly kind: 'coils'; readonly start: number; readonly states: readonly boolean[] }
  | { readonly kind: 'registers'; readonly start: number; readonly values: readonly number[] }
  | { readonly kind: 'bits'; readonly register: number; readonly mask: number; readonly isSet: boolean };

export const writeCoil = (coil: number, isOn: boolean): Operation => ({
  kind: 'coils',
  start: coil,
  states: [isOn],
});
export const writeRegister = (start: number, ...values: readonly number[]): Operation => ({
  kind: 'registers',
  start,
  values,
});

/** What is known of a slave's registers: values of the last reads, and of writes since. */
export class Registers {
  readonly #words: Readonly<Record<Table, Map<number, number>>> = {
    holding: new Map(),
    input: new Map(),
    coil: new Map(),
  };

  /** @returns 0 where nothing has been read; whoever asks has read its ranges. */
  word(register: number, table: Table = 'holding'): number {
    return this.#words[table].get(register) ?? 0;
  }

  /** Two registers as they follow each other. */
  pair(register: number, table: Table = 'holding'): readonly [number, number] {
    return [this.word(register, table), this.word(register + 1, table)];
  }

  bit(register: number, mask: number): 0 | 1 {
    return (this.word(register) & mask) === 0 ? 0 : 1;
  }

  /** @returns whether anything differs from before. */
  store({ table, start }: RegisterRange, values: readonly number[]): boolean {
    const words = this.#words[table];
    let isChanged = false;
    for (const [index, value] of values.entries()) {
      isChanged ||= words.get(start + index) !== value;
      words.set(start + index, value);
    }
    return isChanged;
  }

  /** Takes note of what was written, so that the next write of the same request counts with it. */
  apply(operation: Operation): void {
    switch (operation.kind) {
      case 'coils':
        this.store({ table: 'coil', start: operation.start, count: 0 }, operation.states.map(Number));
        break;
      case 'registers':
        this.store(holding(operation.start), operation.values);
        break;
      case 'bits': {
        const before = this.word(operation.register);
        const { mask, isSet } = operation;
        this.store(holding(operation.register), [isSet ? before | mask : before & ~mask]);
        break;
      }
    }
  }
}

/** Most coils that are written in one request. @see Modbus application protocol V1.1b3 §6.11 */
const MAX_COILS = 1968;

/**
 * Puts switches of neighbouring coils into one request, so that they switch together.
 * @param groups the operations of each circuit; only those that are nothing but one coil are moved.
 */
export function together(groups: readonly (readonly Operation[])[]): readonly Operation[] {
  const coils: { start: number; states: boolean[] }[] = [];
  const others: Operation[] = [];
  for (const group of groups) {
    const [only, ...more] = group;
    if (only?.kind === 'coils' && more.length === 0)
      coils.push({ start: only.start, states: [...only.states] });
    else others.push(...group);
  }
  const runs: typeof coils = [];
  for (const coil of coils.sort((a, b) => a.start - b.start)) {
    const run = runs.at(-1);
    if (run && run.start + run.states.length === coil.start && run.states.length < MAX_COILS)
      run.states.push(...coil.states);
    else runs.push(coil);
  }
  return [...runs.map((run): Operation => ({ kind: 'coils', ...run })), ...others];
}
