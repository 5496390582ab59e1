import type { AppError } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import type { Picture } from '../media/picture.ts';
import type { PictureSource } from '../media/source.ts';
import type { ConvertPicture, ImageFormat } from './encoders/encoder.ts';
import { stillTimeout, streamClosed } from './errors.ts';
import type { SharedSource } from './shared-source.ts';
import type { Stream } from './stream.ts';

/** A picture as an image file. */
export interface Still {
  readonly bytes: Uint8Array;
  /** Unix time in microseconds when the picture was taken. */
  readonly capturedWallUs: number;
  readonly width: number;
  readonly height: number;
}

export interface StillOptions {
  /** `MXID/CAM_A`, for messages. */
  readonly name: string;
  readonly source: SharedSource;
  /** The sensor's JPEG stream, for sources that give access units. */
  readonly jpeg: Stream;
  readonly convert: ConvertPicture;
  readonly clock: Clock;
}

/** Longest wait for a picture: a camera may have to be started for it. */
const PICTURE_TIMEOUT_MS = 8000;

/**
 * Takes a still: the first picture captured after the call, from the running capture or from one opened for it.
 * @throws AppError STILL_TIMEOUT, IMAGE_CONVERSION_FAILED, and whatever opening the source throws.
 */
export async function takeStill(
  format: ImageFormat,
  options: StillOptions,
  { signal }: { signal: AbortSignal },
): Promise<Still> {
  const { source, clock, convert } = options;
  const askedUs = clock.monotonicUs();
  let lose: (error: AppError) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  lost.catch(() => undefined); // it may come when nobody waits any more
  const lease = await source.lease({
    onFormat: () => undefined,
    onConfig: () => undefined,
    onUnit: () => undefined,
    onLost: (error) => lose(error),
  });
  let picture: Picture;
  try {
    const opened = lease.source;
    const next =
      opened.kind === 'pictures'
        ? nextPicture(opened, askedUs, options, signal)
        : nextJpeg(askedUs, options, signal);
    picture = await Promise.race([next, lost]);
  } finally {
    await lease[Symbol.asyncDispose]();
  }
  return {
    bytes: await convert(picture, format, { signal }),
    capturedWallUs: clock.wallUsAt(picture.capturedUs),
    width: picture.format.width,
    height: picture.format.height,
  };
}

function nextPicture(
  source: PictureSource,
  askedUs: number,
  options: StillOptions,
  signal: AbortSignal,
): Promise<Picture> {
  return untilPicture(options, signal, (take) =>
    source.watch((picture) => picture.capturedUs >= askedUs && take(picture)),
  );
}

/** The next image of the JPEG stream, as a picture. */
function nextJpeg(askedUs: number, options: StillOptions, signal: AbortSignal): Promise<Picture> {
  const { clock, jpeg } = options;
  return untilPicture(options, signal, (take, fail) => {
    const reader = jpeg.join('still', {
      onClosed: (reason) => fail(reason ?? streamClosed(options.name)),
      onReadable: () => {
        for (let unit = reader.take(); unit !== undefined; unit = reader.take()) {
          const capturedUs =
            clock.monotonicUs() - (clock.wallUsAt(clock.monotonicUs()) - unit.capturedWallUs);
          if (capturedUs < askedUs) continue;
          const { width, height } = unit.track.config;
          const format = {
            pixelFormat: 'MJPG',
            width,
            height,
            frameInterval: { numerator: 1, denominator: 30 },
          } as const;
          take({ format, data: unit.data, sequence: unit.sequence, capturedUs });
        }
      },
    });
    return { [Symbol.dispose]: () => jpeg.leave(reader) };
  });
}

/** Waits for one picture of a subscription, with a limit; always ends the subscription. */
function untilPicture(
  { name, clock }: StillOptions,
  signal: AbortSignal,
  subscribe: (take: (picture: Picture) => void, fail: (error: AppError) => void) => Disposable,
): Promise<Picture> {
  return new Promise<Picture>((resolve, reject) => {
    const timer = clock.after(PICTURE_TIMEOUT_MS, () =>
      end(() => reject(stillTimeout(name, PICTURE_TIMEOUT_MS))),
    );
    const onAbort = (): void => end(() => reject(streamClosed(name)));
    let isEnded = false;
    const end = (settle: () => void): void => {
      if (isEnded) return;
      isEnded = true;
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', onAbort);
      queueMicrotask(() => subscription[Symbol.dispose]()); // it may have called before it was returned
      settle();
    };
    signal.addEventListener('abort', onAbort);
    const subscription = subscribe(
      (picture) => end(() => resolve(picture)),
      (error) => end(() => reject(error)),
    );
    if (signal.aborted) onAbort();
  });
}
