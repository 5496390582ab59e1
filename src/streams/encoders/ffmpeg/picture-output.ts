import { NutDemuxer, type NutPacket, type NutStream } from '../../formats/nut/index.ts';
import { encoderOutputUnexpected } from '../errors.ts';
import type { MediaOutput, OutputListener } from './media-output.ts';

/** What each unit of a child is: a JPEG image or a raw picture. By NUT's fourcc. */
export type PictureCodec = 'MJPG' | 'NV12';

/** Reads pictures that ffmpeg writes as NUT, each of them complete by itself. */
export class PictureOutput implements MediaOutput {
  readonly #codec: PictureCodec;
  readonly #listener: OutputListener;
  readonly #demuxer: NutDemuxer;
  #usPerTick = 1;

  constructor(codec: PictureCodec, listener: OutputListener) {
    this.#codec = codec;
    this.#listener = listener;
    this.#demuxer = new NutDemuxer({
      onStream: (stream) => this.#onStream(stream),
      onPacket: (packet) => this.#onPacket(packet),
    });
  }

  push(chunk: Uint8Array): void {
    this.#demuxer.push(chunk);
  }

  #onStream({ fourcc, timeBase, width, height }: NutStream): void {
    if (fourcc !== this.#codec) throw encoderOutputUnexpected(fourcc, this.#codec);
    this.#usPerTick = (timeBase.numerator * 1_000_000) / timeBase.denominator;
    this.#listener.onConfig(
      fourcc === 'MJPG'
        ? { kind: 'video', codec: 'jpeg', codecString: 'mjpeg', width, height }
        : { kind: 'video', codec: 'raw', codecString: 'raw', pixelFormat: 'NV12', width, height },
    );
  }

  #onPacket({ pts, data }: NutPacket): void {
    const ptsUs = Math.round(pts * this.#usPerTick);
    // A picture may be kept for long; as a view it would keep the whole chunk it came in.
    this.#listener.onUnit({ data: Uint8Array.from(data), ptsUs, dtsUs: ptsUs, isSync: true });
  }
}
