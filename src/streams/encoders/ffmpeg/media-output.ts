import type { CodecConfig, CodedUnit } from '../../../media/coded.ts';

/** What a child's output is turned into. */
export interface OutputListener {
  /** Before the first unit and after each change. */
  onConfig(config: CodecConfig): void;
  onUnit(unit: CodedUnit): void;
}

/** Reads what an ffmpeg child writes. */
export interface MediaOutput {
  /**
   * Takes the next bytes; the listener is called before it returns.
   * @throws AppError FORMAT_NUT_INVALID, FORMAT_H264_INVALID
   */
  push(chunk: Uint8Array): void;
}

/** Makes the reader of one child's output. */
export type OpenOutput = (listener: OutputListener) => MediaOutput;
