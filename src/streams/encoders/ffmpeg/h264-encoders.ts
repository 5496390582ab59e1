import type { ChildProcesses } from '../../../core/child-process.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { EncoderFactory, EncoderListener, EncoderSettings } from '../encoder.ts';
import { encoderUnavailable } from '../errors.ts';
import { encodeArguments } from './arguments.ts';
import { deviceFiles, type FfmpegCapabilities, hardwareCandidates, renderNode } from './capabilities.ts';
import { FfmpegEncoder } from './encoder.ts';
import { H264Output } from './h264-output.ts';
import { passesTrial } from './trial.ts';

/** Software encoders, which need no trial, in order of preference. */
const SOFTWARE = ['libx264', 'libopenh264'];

export interface H264EncodersOptions {
  readonly processes: ChildProcesses;
  /** Ends the trials. */
  readonly signal: AbortSignal;
  /** Files under /dev; the machine's own when absent. */
  readonly devices?: readonly string[];
}

/** Starts H.264 encoders of one ffmpeg program, and knows which of them work on this machine. */
export class H264Encoders implements EncoderFactory {
  /** First render node of a graphics device, for VA-API. */
  readonly renderNode: string | undefined;
  /**
   * Resolves when every hardware encoder that could be there had its trial; they begin at once and run at the
   * same time. Until then `auto` means software, so that nobody waits for a trial. Never rejects.
   */
  readonly tried: Promise<void>;
  readonly #capabilities: FfmpegCapabilities;
  readonly #processes: ChildProcesses;
  #working: readonly string[];

  constructor(capabilities: FfmpegCapabilities, options: H264EncodersOptions) {
    const { processes, signal, devices = deviceFiles() } = options;
    this.#capabilities = capabilities;
    this.#processes = processes;
    this.renderNode = renderNode(devices);
    this.#working = SOFTWARE.filter((codec) => capabilities.h264Encoders.includes(codec));
    this.tried = this.#try(hardwareCandidates(capabilities.h264Encoders, devices), signal);
  }

  /** Encoders known to work, best first: hardware that passed its trial, then software. */
  get working(): readonly string[] {
    return this.#working;
  }

  /**
   * The encoder that a setting means.
   * @throws AppError ENCODER_UNAVAILABLE
   */
  choose(asked: string): string {
    const { h264Encoders } = this.#capabilities;
    const chosen = asked === 'auto' ? this.#working[0] : h264Encoders.find((codec) => codec === asked);
    if (chosen === undefined) throw encoderUnavailable(asked, h264Encoders);
    return chosen;
  }

  start(format: PictureFormat, settings: EncoderSettings, listener: EncoderListener): FfmpegEncoder {
    const codec = this.choose(settings.codec);
    return new FfmpegEncoder(
      {
        processes: this.#processes,
        program: this.#capabilities.path,
        args: encodeArguments(format, codec, settings, this.renderNode),
        codec,
        openOutput: (output) => new H264Output(output),
      },
      listener,
    );
  }

  async #try(candidates: readonly string[], signal: AbortSignal): Promise<void> {
    const { path } = this.#capabilities;
    const trial = { path, processes: this.#processes, renderNode: this.renderNode, signal };
    const results = await Promise.allSettled(candidates.map((codec) => passesTrial(codec, trial)));
    const passed = candidates.filter((_, index) => {
      const result = results[index];
      return result?.status === 'fulfilled' && result.value;
    });
    this.#working = [...passed, ...this.#working];
  }
}
