import type { AppError } from '../../src/core/app-error.ts';
import type { CodecConfig, CodedUnit } from '../../src/media/coded.ts';
import type { EncoderListener } from '../../src/streams/encoders/encoder.ts';

/** Keeps what an encoder tells, and waits for it. */
export class EncoderRecorder implements EncoderListener {
  readonly configs: CodecConfig[] = [];
  readonly units: CodedUnit[] = [];
  readonly exits: AppError[] = [];
  /** What came, in order. */
  readonly calls: ('config' | 'unit' | 'exit')[] = [];
  #wake: () => void = () => {};

  onConfig(config: CodecConfig): void {
    this.configs.push(config);
    this.#note('config');
  }

  onUnit(unit: CodedUnit): void {
    this.units.push(unit);
    this.#note('unit');
  }

  onExit(error: AppError): void {
    this.exits.push(error);
    this.#note('exit');
  }

  /** Resolves when so many units have come; rejects when the encoder ended before. */
  async untilUnits(count: number): Promise<void> {
    while (this.units.length < count) {
      if (this.exits[0] !== undefined) throw this.exits[0];
      await this.#change();
    }
  }

  async untilExit(): Promise<AppError> {
    while (this.exits[0] === undefined) await this.#change();
    return this.exits[0];
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #note(call: 'config' | 'unit' | 'exit'): void {
    this.calls.push(call);
    this.#wake();
  }
}
