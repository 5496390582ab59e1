import type { AppError } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { Lifetime } from '../core/lifetime.ts';
import type { Log } from '../core/log.ts';
import type { ImageScale } from '../media/image-scale.ts';
import { h264Coding, jpegCoding, rawCoding } from './coding/index.ts';
import type {
  ConvertPicture,
  EncoderFactory,
  EncoderSettings,
  ImageFormat,
  PictureEncoderFactory,
} from './encoders/encoder.ts';
import { sensorReconfigured, streamStalled } from './errors.ts';
import { type OpenSource, SharedSource } from './shared-source.ts';
import { type Still, takeStill } from './still.ts';
import { LONGEST_OPENING_MS, Stream, type StreamSettings } from './stream.ts';

/** What every live sensor works with. */
export interface LiveSensorServices {
  readonly encoders: EncoderFactory;
  readonly jpegEncoders: PictureEncoderFactory;
  readonly pictureDecoders: PictureEncoderFactory;
  readonly convert: ConvertPicture;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** What pictures a sensor gives while it runs. */
export interface PictureMode {
  readonly width: number;
  readonly height: number;
  /** Absent where the source does not tell. */
  readonly frameRate?: number;
}

/** For a share of the source that is not read from. */
const NOTHING = {
  onFormat: () => undefined,
  onConfig: () => undefined,
  onUnit: () => undefined,
  onLost: () => undefined,
};

/** One sensor's media: its streams of H.264, JPEG and raw pictures and its stills, from one shared source. */
export class LiveSensor implements AsyncDisposable {
  readonly video: Stream;
  readonly jpeg: Stream;
  /** Raw pictures, for those who compute on them. Nothing is kept for later readers. */
  readonly pictures: Stream;
  readonly #name: string;
  readonly #source: SharedSource;
  readonly #services: LiveSensorServices;
  readonly #stillScale: () => ImageScale | undefined;
  readonly #lifetime = new Lifetime();

  constructor(
    name: string,
    open: OpenSource,
    settings: { readonly stream: StreamSettings; readonly encoder: EncoderSettings },
    services: LiveSensorServices,
    stillScale: () => ImageScale | undefined = () => undefined,
  ) {
    this.#name = name;
    this.#services = services;
    this.#stillScale = stillScale;
    this.#source = this.#lifetime.use(new SharedSource(open));
    const shared = { ...services, source: this.#source, settings: settings.stream };
    this.video = this.#lifetime.use(
      new Stream({ ...shared, name, coding: h264Coding(services.encoders, settings.encoder) }),
    );
    this.jpeg = this.#lifetime.use(
      new Stream({ ...shared, name: `${name} JPEG`, coding: jpegCoding(services.jpegEncoders) }),
    );
    this.pictures = this.#lifetime.use(
      new Stream({
        ...shared,
        name: `${name} pictures`,
        coding: rawCoding(services.pictureDecoders),
        settings: { ...settings.stream, lingerMs: 0, gopCache: { maxBytes: 0, maxMs: 0 } },
      }),
    );
  }

  get isRunning(): boolean {
    return this.#streams.some(({ isRunning }) => isRunning);
  }

  /** Undefined while it gives none, or does not know yet. */
  get mode(): PictureMode | undefined {
    const source = this.#source.open;
    if (source?.kind !== 'pictures') return source && this.video.tracks[0]?.config;
    const { width, height, frameInterval } = source.format;
    const frameRate = Math.round((frameInterval.denominator / frameInterval.numerator) * 1000) / 1000;
    return { width, height, frameRate };
  }

  /** @throws AppError STILL_TIMEOUT, IMAGE_CONVERSION_FAILED, and whatever opening the source throws. */
  still(format: ImageFormat, options: { signal: AbortSignal }): Promise<Still> {
    const { convert, clock } = this.#services;
    return takeStill(
      format,
      {
        name: this.#name,
        source: this.#source,
        jpeg: this.jpeg,
        convert,
        scale: this.#stillScale(),
        clock,
      },
      options,
    );
  }

  /** The camera is there again: whoever waits for it need not wait longer. */
  retryNow(): void {
    for (const stream of this.#streams) stream.retryNow();
  }

  /** Opens the source anew, with what is configured now. Readers stay, and go on at a sync sample. */
  restart(): void {
    this.#source.interrupt(sensorReconfigured(this.#name));
    this.retryNow();
  }

  /**
   * Opens the source anew as `restart` does, and waits until it is open. A sensor that nobody uses stays closed.
   * @throws AppError whatever opening the source throws, STREAM_STALLED when that takes too long; readers are still
   * there, and it is tried again for them.
   */
  async reopen(): Promise<void> {
    if (!this.isRunning && !this.#source.isInUse) return;
    this.restart();
    const patience = new AbortController();
    const tooLong = (): void => patience.abort(streamStalled(this.#name, LONGEST_OPENING_MS));
    const timer = this.#services.clock.after(LONGEST_OPENING_MS, tooLong);
    try {
      const lease = await this.#source.lease(NOTHING, { signal: patience.signal });
      await lease[Symbol.asyncDispose]();
    } finally {
      timer[Symbol.dispose]();
    }
  }

  /** Lets go of every reader. */
  halt(reason: AppError): void {
    for (const stream of this.#streams) stream.halt(reason);
  }

  get #streams(): readonly Stream[] {
    return [this.video, this.jpeg, this.pictures];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
  }
}
