import { element, setText } from './element.ts';
import type { CircuitDict } from './io-circuit.ts';
import { confirmed } from './io-confirm.ts';
import type { LiveCircuit } from './io-live-circuit.ts';
import type { CircuitPart } from './io-part.ts';
import { writeCircuit } from './service-api.ts';

/** A refusal can be read for so long at least. */
const READABLE_MS = 5_000;

export type WriteFields = Readonly<Record<string, number | string | boolean>>;

/** Told of the answer to every write. @param dict what was read back; absent when the write failed. */
export type WriteListener = (key: string, dict: CircuitDict | undefined) => void;

/** Writes to one circuit, and says why a write was refused. */
export class CircuitWriter implements CircuitPart {
  readonly element = element('p', { class: 'io-refusal', role: 'alert' });
  readonly #onAnswer: WriteListener;
  #circuit: LiveCircuit;
  #refused: { readonly value: number | undefined; readonly atMs: number } | undefined;

  constructor(circuit: LiveCircuit, onAnswer: WriteListener) {
    this.#circuit = circuit;
    this.#onAnswer = onAnswer;
  }

  /** Whether a person has to confirm commands. */
  get isGuarded(): boolean {
    return this.#circuit.output?.confirm === true;
  }

  show(circuit: LiveCircuit, nowMs: number): void {
    this.#circuit = circuit;
    const refused = this.#refused;
    if (refused === undefined || nowMs - refused.atMs < READABLE_MS) return;
    // It tells of a state that is over once the value has changed.
    if (circuit.value !== refused.value) this.#tell('');
  }

  /** Never rejects. */
  async write(fields: WriteFields): Promise<void> {
    const { key } = this.#circuit;
    try {
      const dict = await writeCircuit(key, fields);
      this.#tell('');
      this.#onAnswer(key, dict);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
      this.#onAnswer(key, undefined);
    }
  }

  /** Writes, after a confirmation where the circuit asks for one. @param question `Switch Valve on?` Never rejects. */
  async command(fields: WriteFields, question: string): Promise<void> {
    const { key, hardware } = this.#circuit;
    if (this.isGuarded && !(await confirmed(question, `${key} · ${hardware}`))) return;
    await this.write(fields);
  }

  #tell(refusal: string): void {
    const value = this.#circuit.value;
    this.#refused = refusal === '' ? undefined : { value, atMs: performance.now() };
    setText(this.element, refusal);
  }
}
