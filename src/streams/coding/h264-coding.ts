import type { EncoderFactory, EncoderSettings } from '../encoders/encoder.ts';
import { type Coding, type CodingListener, NOTHING_FED, type StartCoding } from './coding.ts';
import { encodePictures } from './encoder-coding.ts';

/** H.264 of a source: passed through when the source gives it, encoded otherwise. */
export function h264Coding(encoders: EncoderFactory, settings: EncoderSettings): StartCoding {
  return (source, listener) => {
    if (source.kind === 'access-units') return passThrough(listener);
    const encoder = encoders.start(source.format, settings, {
      onConfig: (config) => listener.onConfig(config),
      onUnit: (unit) => listener.onUnit(unit),
      onExit: (error) => listener.onFailed(error),
    });
    return encodePictures(source, encoder);
  };
}

function passThrough(listener: CodingListener): Coding {
  return {
    encoder: undefined,
    feedStats: () => NOTHING_FED,
    onSourceConfig: (config) => listener.onConfig(config),
    onSourceUnit: (unit) => listener.onUnit(unit),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
