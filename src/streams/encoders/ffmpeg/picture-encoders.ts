import type { ChildProcesses } from '../../../core/child-process.ts';
import type { H264Config } from '../../../media/coded.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { EncoderListener, PictureEncoderFactory } from '../encoder.ts';
import { decodeArguments, decodeUnitsArguments, jpegArguments, transcodeArguments } from './arguments.ts';
import { type EncoderCommand, FfmpegEncoder } from './encoder.ts';
import { type PictureCodec, PictureOutput } from './picture-output.ts';
import { FfmpegTranscoder } from './transcoder.ts';

/** How children of one kind are called. */
interface Kind {
  /** ffmpeg's name of the encoder. */
  readonly codec: string;
  readonly output: PictureCodec;
  readonly ofPictures: (format: PictureFormat) => string[];
  readonly ofUnits: () => string[];
}

const JPEG: Kind = {
  codec: 'mjpeg',
  output: 'MJPG',
  ofPictures: jpegArguments,
  ofUnits: transcodeArguments,
};
const RAW: Kind = {
  codec: 'rawvideo',
  output: 'NV12',
  ofPictures: decodeArguments,
  ofUnits: decodeUnitsArguments,
};

/** Starts ffmpeg children whose units are complete pictures. */
class PictureEncoders implements PictureEncoderFactory {
  readonly #kind: Kind;
  readonly #program: string;
  readonly #processes: ChildProcesses;

  constructor(kind: Kind, program: string, processes: ChildProcesses) {
    this.#kind = kind;
    this.#program = program;
    this.#processes = processes;
  }

  start(format: PictureFormat, listener: EncoderListener): FfmpegEncoder {
    return new FfmpegEncoder(this.#command(this.#kind.ofPictures(format)), listener);
  }

  transcode(config: H264Config, listener: EncoderListener): FfmpegTranscoder {
    return new FfmpegTranscoder(this.#command(this.#kind.ofUnits()), config, listener);
  }

  #command(args: readonly string[]): EncoderCommand {
    const { codec, output } = this.#kind;
    return {
      processes: this.#processes,
      program: this.#program,
      args,
      codec,
      openOutput: (listener) => new PictureOutput(output, listener),
    };
  }
}

/** Children whose units are JPEG images. @param program path of ffmpeg. */
export function jpegEncoders(program: string, processes: ChildProcesses): PictureEncoderFactory {
  return new PictureEncoders(JPEG, program, processes);
}

/** Children whose units are raw pictures, NV12 of at most 1280 pixels a side. @param program path of ffmpeg. */
export function pictureDecoders(program: string, processes: ChildProcesses): PictureEncoderFactory {
  return new PictureEncoders(RAW, program, processes);
}
