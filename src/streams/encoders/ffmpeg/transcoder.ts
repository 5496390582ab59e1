import { Socket } from 'node:net';
import type { CodedUnit, H264Config } from '../../../media/coded.ts';
import { lengthPrefixedNalUnits } from '../../formats/h264/index.ts';
import { nutFramePrefix, nutHeader } from '../../formats/nut/index.ts';
import type { EncoderListener, Transcoder } from '../encoder.ts';
import { type EncoderCommand, FfmpegEncoder } from './encoder.ts';

/** Bytes waiting for the child beyond which it counts as too slow. */
const MAX_WAITING_BYTES = 1 << 20;
/** ffmpeg wants a frame rate; units carry their own times. */
const NOMINAL_INTERVAL = { numerator: 1, denominator: 30 };
const START_CODE = Uint8Array.of(0, 0, 0, 1);

const annexB = (nalUnits: Iterable<Uint8Array>): Uint8Array[] =>
  [...nalUnits].flatMap((nalUnit) => [START_CODE, nalUnit]);

/** An ffmpeg child that decodes access units and writes them as other pictures. */
export class FfmpegTranscoder implements Transcoder {
  readonly codec: string;
  readonly #encoder: FfmpegEncoder;
  readonly #input: Socket;
  readonly #parameterSets: readonly Uint8Array[];
  #awaitsSync = true;
  #written = 0;
  #skipped = 0;

  /** @throws AppError ENCODER_SPAWN_FAILED */
  constructor(command: EncoderCommand, { sps, pps, width, height }: H264Config, listener: EncoderListener) {
    this.#encoder = new FfmpegEncoder(command, listener);
    this.codec = this.#encoder.codec;
    this.#parameterSets = annexB([...sps, ...pps]);
    this.#input = new Socket({ fd: this.#encoder.takeInput(), readable: false, writable: true });
    this.#input.on('error', () => {}); // the child is gone, which its exit tells
    this.#input.write(nutHeader({ pixelFormat: 'H264', width, height, frameInterval: NOMINAL_INTERVAL }));
  }

  get pid(): number {
    return this.#encoder.pid;
  }

  write({ data, ptsUs, isSync }: CodedUnit): void {
    if (this.#awaitsSync && !isSync) {
      if (this.#written > 0) this.#skipped += 1;
      return;
    }
    this.#awaitsSync = this.#input.writableLength > MAX_WAITING_BYTES;
    if (this.#awaitsSync) {
      this.#skipped += 1;
      return;
    }
    const nalUnits = annexB(lengthPrefixedNalUnits(data));
    const unit = Buffer.concat(isSync ? [...this.#parameterSets, ...nalUnits] : nalUnits);
    this.#input.cork();
    this.#input.write(nutFramePrefix(ptsUs, unit.length));
    this.#input.write(unit);
    this.#input.uncork();
    this.#written += 1;
  }

  feedStats() {
    return { written: this.#written, skipped: this.#skipped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#input.destroy();
    await this.#encoder[Symbol.asyncDispose]();
  }
}
