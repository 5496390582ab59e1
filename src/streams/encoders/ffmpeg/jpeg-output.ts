import { NutDemuxer, type NutPacket, type NutStream } from '../../formats/nut/index.ts';
import { encoderOutputUnexpected } from '../errors.ts';
import type { MediaOutput, OutputListener } from './media-output.ts';

/** Reads JPEG images that ffmpeg writes as NUT. */
export class JpegOutput implements MediaOutput {
  readonly #listener: OutputListener;
  readonly #demuxer: NutDemuxer;
  #usPerTick = 1;

  constructor(listener: OutputListener) {
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
    if (fourcc !== 'MJPG') throw encoderOutputUnexpected(fourcc, 'MJPG');
    this.#usPerTick = (timeBase.numerator * 1_000_000) / timeBase.denominator;
    this.#listener.onConfig({ kind: 'video', codec: 'jpeg', codecString: 'mjpeg', width, height });
  }

  #onPacket({ pts, data }: NutPacket): void {
    const ptsUs = Math.round(pts * this.#usPerTick);
    // An image may be kept for long; as a view it would keep the whole chunk it came in.
    this.#listener.onUnit({ data: Uint8Array.from(data), ptsUs, dtsUs: ptsUs, isSync: true });
  }
}
