import type { Clock } from '../core/clock.ts';
import { Lifetime } from '../core/lifetime.ts';
import type { ImageScale } from '../media/image-scale.ts';
import type { Picture } from '../media/picture.ts';
import type { ConvertPicture, ImageFormat } from './encoders/encoder.ts';
import { isSensorReconfigured, stillTimeout, streamClosed } from './errors.ts';
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
  /** The size of the image; undefined: that of the picture. */
  readonly scale: ImageScale | undefined;
  readonly clock: Clock;
}

/** Longest wait for a picture: a camera may have to be started for it. */
const PICTURE_TIMEOUT_MS = 8000;

/**
 * Takes a still: the first picture captured after the call, from the running capture or from one opened for it.
 * @throws AppError STILL_TIMEOUT, STREAM_CLOSED when aborted, IMAGE_CONVERSION_FAILED, and whatever opening the
 * source throws.
 */
export async function takeStill(
  format: ImageFormat,
  options: StillOptions,
  { signal }: { signal: AbortSignal },
): Promise<Still> {
  try {
    const picture = await takePictureThroughChanges(options, signal);
    const { scale } = options;
    const { width, height } = scale ?? picture.format;
    return {
      bytes: await options.convert(picture, format, { signal, scale }),
      capturedWallUs: options.clock.wallUsAt(picture.capturedUs),
      width,
      height,
    };
  } catch (error) {
    throw signal.aborted ? streamClosed(options.name) : error;
  }
}

/** A picture, from the source that is opened anew where a new configuration comes in between. */
async function takePictureThroughChanges(options: StillOptions, signal: AbortSignal): Promise<Picture> {
  const { clock } = options;
  const deadlineUs = clock.monotonicUs() + PICTURE_TIMEOUT_MS * 1000;
  for (;;) {
    try {
      return await takePicture(options, signal);
    } catch (error) {
      if (!isSensorReconfigured(error) || signal.aborted || clock.monotonicUs() > deadlineUs) throw error;
    }
  }
}

/** The first picture captured from now on. Whatever was opened for it is closed again. */
async function takePicture(options: StillOptions, signal: AbortSignal): Promise<Picture> {
  const { name, source, clock } = options;
  const askedUs = clock.monotonicUs();
  let take: (picture: Picture) => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const taken = new Promise<Picture>((resolve, reject) => {
    take = resolve;
    fail = reject;
  });
  taken.catch(() => undefined); // it may fail before anybody waits
  const lifetime = new Lifetime();
  try {
    const lease = lifetime.use(
      await source.lease(
        { onFormat: () => undefined, onConfig: () => undefined, onUnit: () => undefined, onLost: fail },
        { signal },
      ),
    );
    const onAbort = (): void => fail(signal.reason);
    signal.addEventListener('abort', onAbort);
    lifetime.defer(() => signal.removeEventListener('abort', onAbort));
    lifetime.use(clock.after(PICTURE_TIMEOUT_MS, () => fail(stillTimeout(name, PICTURE_TIMEOUT_MS))));
    const watcher = { take: (picture: Picture) => picture.capturedUs >= askedUs && take(picture), fail };
    lifetime.use(
      lease.source.kind === 'pictures' ? lease.source.watch(watcher.take) : watchJpeg(options, watcher),
    );
    return await taken;
  } finally {
    await lifetime[Symbol.asyncDispose]();
  }
}

/** The images of the JPEG stream, as pictures. */
function watchJpeg(
  { name, clock, jpeg }: StillOptions,
  watcher: { take(picture: Picture): void; fail(reason: unknown): void },
): Disposable {
  const takeAll = (): void => {
    for (let unit = reader.take(); unit !== undefined; unit = reader.take()) {
      const nowUs = clock.monotonicUs();
      const { width, height } = unit.track.config;
      watcher.take({
        format: { pixelFormat: 'MJPG', width, height, frameInterval: { numerator: 1, denominator: 30 } },
        data: unit.data,
        sequence: unit.sequence,
        capturedUs: nowUs - (clock.wallUsAt(nowUs) - unit.capturedWallUs),
      });
    }
  };
  const reader = jpeg.join('still', {
    onReadable: takeAll,
    onClosed: (reason) => watcher.fail(reason ?? streamClosed(name)),
  });
  takeAll(); // what the cache had for it
  return { [Symbol.dispose]: () => jpeg.leave(reader) };
}
