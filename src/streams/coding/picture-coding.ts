import type { CodecConfig } from '../../media/coded.ts';
import type { Picture, PictureFormat } from '../../media/picture.ts';
import type { PictureSource } from '../../media/source.ts';
import type { PictureEncoderFactory, Transcoder } from '../encoders/encoder.ts';
import { type Coding, type CodingListener, NOTHING_FED, type StartCoding } from './coding.ts';
import { encodePictures } from './encoder-coding.ts';

/** JPEG of a source: the camera's own images when it gives them, encoded or transcoded otherwise. */
export function jpegCoding(encoders: PictureEncoderFactory): StartCoding {
  return pictureCoding(encoders, ({ pixelFormat, width, height }) =>
    pixelFormat === 'MJPG'
      ? { kind: 'video', codec: 'jpeg', codecString: 'mjpeg', width, height }
      : undefined,
  );
}

/**
 * Raw pictures of a source, for those who compute on them: as they are when it gives them, decoded otherwise. Depth
 * comes in the colours of its video.
 */
export function rawCoding(decoders: PictureEncoderFactory): StartCoding {
  return pictureCoding(decoders, ({ pixelFormat, width, height }) =>
    pixelFormat === 'MJPG' || pixelFormat === 'H264' || pixelFormat === 'Z16'
      ? undefined
      : { kind: 'video', codec: 'raw', codecString: 'raw', pixelFormat, width, height },
  );
}

/** @param asIs configuration of a source whose pictures are what is wanted already. */
function pictureCoding(
  encoders: PictureEncoderFactory,
  asIs: (format: PictureFormat) => CodecConfig | undefined,
): StartCoding {
  return (source, listener) => {
    if (source.kind === 'access-units') return transcode(encoders, listener);
    const config = asIs(source.format);
    if (config !== undefined) return passPictures(source, config, listener);
    return encodePictures(source, encoders.start(source.format, encoderListener(listener)));
  };
}

function encoderListener(listener: CodingListener) {
  return {
    onConfig: (config: CodecConfig) => listener.onConfig(config),
    onUnit: listener.onUnit.bind(listener),
    onExit: listener.onFailed.bind(listener),
  };
}

function passPictures(source: PictureSource, config: CodecConfig, listener: CodingListener): Coding {
  let isFirst = true;
  const watch = source.watch(({ data, capturedUs }: Picture) => {
    if (isFirst) listener.onConfig(config);
    isFirst = false;
    listener.onUnit({ data, ptsUs: capturedUs, dtsUs: capturedUs, isSync: true });
  });
  return {
    encoder: undefined,
    feedStats: () => NOTHING_FED,
    onSourceConfig: () => undefined,
    onSourceUnit: () => undefined,
    [Symbol.asyncDispose]: async () => watch[Symbol.dispose](),
  };
}

function transcode(encoders: PictureEncoderFactory, listener: CodingListener): Coding {
  let transcoder: Transcoder | undefined;
  let ending: Promise<void> = Promise.resolve();
  const end = (): void => {
    const old = transcoder;
    transcoder = undefined;
    if (old !== undefined) ending = ending.then(() => old[Symbol.asyncDispose]());
  };
  return {
    get encoder() {
      return transcoder;
    },
    feedStats: () => transcoder?.feedStats() ?? NOTHING_FED,
    onSourceConfig: (config) => {
      end();
      if (config.codec === 'h264') transcoder = encoders.transcode(config, encoderListener(listener));
    },
    onSourceUnit: (unit) => transcoder?.write(unit),
    [Symbol.asyncDispose]: () => {
      end();
      return ending;
    },
  };
}
