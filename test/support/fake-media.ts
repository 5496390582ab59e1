import type { AppError } from '../../src/core/app-error.ts';
import type { AccessUnit, CodecConfig, CodedUnit, Track } from '../../src/media/coded.ts';
import type { PictureFormat } from '../../src/media/picture.ts';
import type { AccessUnitSource, PictureSource, SourceListener } from '../../src/media/source.ts';
import type { Encoder, EncoderFactory, EncoderListener } from '../../src/streams/encoders/encoder.ts';
import type { StreamSettings } from '../../src/streams/stream.ts';

/** Of a stream that ends with its last reader, and whose readers and cache seldom reach a limit. */
export const STREAM_SETTINGS: StreamSettings = {
  lingerMs: 0,
  stallTimeoutMs: 3000,
  maxReaders: 10,
  gopCache: { maxBytes: 1e6, maxMs: 1e4 },
  reader: { maxBytes: 1e6, maxMs: 2000 },
};

/** A decoder configuration told apart by one byte. */
export function fakeConfig(mark = 1): CodecConfig {
  return {
    kind: 'video',
    codec: 'h264',
    codecString: 'avc1.42C01F',
    width: 640,
    height: 480,
    avcC: Uint8Array.of(1, mark),
    sps: [],
    pps: [],
  };
}

export const fakeTrack: Track = { id: 1, timescale: 90_000, epoch: 1, config: fakeConfig() };

/** The unit with the given number of a 30 fps stream; every `gop`th is a sync sample. */
export function fakeUnit(number: number, { gop = 10, bytes = 100 } = {}): AccessUnit {
  return {
    track: fakeTrack,
    data: new Uint8Array(bytes),
    ptsTicks: number * 3000,
    dtsTicks: number * 3000,
    durationTicks: 3000,
    isSync: number % gop === 0,
    sequence: number + 1,
    capturedUs: number * 33_333,
    capturedWallUs: number * 33_333,
  };
}

/** A unit as an encoder delivers it. */
export function fakeCodedUnit(timeUs: number, isSync: boolean): CodedUnit {
  return { data: Uint8Array.of(0, 0, 0, 1, isSync ? 0x65 : 0x41), ptsUs: timeUs, dtsUs: timeUs, isSync };
}

/** A source of access units: a test says what it gives. */
export class FakeUnitSource implements AccessUnitSource {
  readonly kind = 'access-units';
  readonly listener: SourceListener;

  constructor(listener: SourceListener) {
    this.listener = listener;
  }

  stats() {
    return { captured: 0, lost: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A picture source without pictures: a test says what happens to it. */
export class FakeSource implements PictureSource {
  readonly kind = 'pictures';
  readonly listener: SourceListener;
  format: PictureFormat = {
    pixelFormat: 'NV12',
    width: 640,
    height: 480,
    frameInterval: { numerator: 1, denominator: 30 },
  };
  isOpen = true;
  openFeeds = 0;

  constructor(listener: SourceListener) {
    this.listener = listener;
  }

  feed() {
    this.openFeeds += 1;
    return {
      stats: () => ({ written: 0, skipped: 0 }),
      [Symbol.asyncDispose]: async () => {
        this.openFeeds -= 1;
      },
    };
  }

  watch(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }

  stats() {
    return { captured: 0, lost: 0 };
  }

  resize(width: number, height: number): void {
    this.format = { ...this.format, width, height };
    this.listener.onFormat(this.format);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isOpen = false;
  }
}

/** An encoder without a process: a test makes it give units or exit. */
export class FakeEncoder implements Encoder {
  readonly pid = 1;
  readonly codec = 'fake';
  readonly format: PictureFormat;
  readonly listener: EncoderListener;
  isRunning = true;
  #end: Promise<void> = Promise.resolve();

  constructor(format: PictureFormat, listener: EncoderListener) {
    this.format = format;
    this.listener = listener;
  }

  takeInput(): number {
    return -1;
  }

  stats() {
    return { unitsOut: 0, bytesOut: 0 };
  }

  /** Its configuration, then a sync sample. */
  begin(timeUs: number, mark = 1): void {
    this.listener.onConfig(fakeConfig(mark));
    this.unit(timeUs, true);
  }

  unit(timeUs: number, isSync = false): void {
    this.listener.onUnit(fakeCodedUnit(timeUs, isSync));
  }

  exit(error: AppError): void {
    this.isRunning = false;
    this.listener.onExit(error);
  }

  /** Its disposal ends with a call of what is returned. */
  endSlowly(): () => void {
    let end = (): void => undefined;
    this.#end = new Promise((resolve) => {
      end = resolve;
    });
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end;
    this.isRunning = false;
  }
}

/** Keeps every encoder it started. */
export class FakeEncoders implements EncoderFactory {
  readonly started: FakeEncoder[] = [];

  start(format: PictureFormat, _settings: unknown, listener: EncoderListener): FakeEncoder {
    const encoder = new FakeEncoder(format, listener);
    this.started.push(encoder);
    return encoder;
  }

  get newest(): FakeEncoder {
    const encoder = this.started.at(-1);
    if (encoder === undefined) throw new Error('No encoder has been started.');
    return encoder;
  }
}
