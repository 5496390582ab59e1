import type { CodecConfig } from '../../media/coded.ts';
import type { Picture } from '../../media/picture.ts';
import type { PictureSource } from '../../media/source.ts';
import type { JpegEncoderFactory, JpegTranscoder } from '../encoders/encoder.ts';
import { type Coding, type CodingListener, NOTHING_FED, type StartCoding } from './coding.ts';
import { encodePictures } from './encoder-coding.ts';

/** JPEG of a source: the camera's own images when it gives them, encoded or transcoded otherwise. */
export function jpegCoding(encoders: JpegEncoderFactory): StartCoding {
  return (source, listener) => {
    if (source.kind === 'access-units') return transcode(encoders, listener);
    if (source.format.pixelFormat === 'MJPG') return passImages(source, listener);
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

function passImages(source: PictureSource, listener: CodingListener): Coding {
  const { width, height } = source.format;
  let isFirst = true;
  const watch = source.watch(({ data, capturedUs }: Picture) => {
    if (isFirst) listener.onConfig({ kind: 'video', codec: 'jpeg', codecString: 'mjpeg', width, height });
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

function transcode(encoders: JpegEncoderFactory, listener: CodingListener): Coding {
  let transcoder: JpegTranscoder | undefined;
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
