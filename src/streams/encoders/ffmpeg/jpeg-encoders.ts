import type { ChildProcesses } from '../../../core/child-process.ts';
import type { H264Config } from '../../../media/coded.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { EncoderListener, JpegEncoderFactory } from '../encoder.ts';
import { jpegArguments } from './arguments.ts';
import { FfmpegEncoder } from './encoder.ts';
import { JpegOutput } from './jpeg-output.ts';
import { FfmpegJpegTranscoder } from './jpeg-transcoder.ts';

/** Starts ffmpeg children whose units are JPEG images. */
export class JpegEncoders implements JpegEncoderFactory {
  readonly #program: string;
  readonly #processes: ChildProcesses;

  /** @param program path of ffmpeg. */
  constructor(program: string, { processes }: { readonly processes: ChildProcesses }) {
    this.#program = program;
    this.#processes = processes;
  }

  start(format: PictureFormat, listener: EncoderListener): FfmpegEncoder {
    return new FfmpegEncoder(
      {
        processes: this.#processes,
        program: this.#program,
        args: jpegArguments(format),
        codec: 'mjpeg',
        openOutput: (output) => new JpegOutput(output),
      },
      listener,
    );
  }

  transcode(config: H264Config, listener: EncoderListener): FfmpegJpegTranscoder {
    return new FfmpegJpegTranscoder(this.#program, this.#processes, config, listener);
  }
}
