import type { PictureFeed, PictureSource } from '../../media/source.ts';
import type { Encoder } from '../encoders/encoder.ts';
import type { Coding } from './coding.ts';

/** Pictures into an encoder's pipe, its access units out. Owns the encoder from the call on, also when it throws. */
export function encodePictures(source: PictureSource, encoder: Encoder): Coding {
  let feed: PictureFeed;
  try {
    feed = source.feed(encoder.takeInput());
  } catch (error) {
    Promise.resolve(encoder[Symbol.asyncDispose]()).catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
  return {
    encoder,
    feedStats: () => feed.stats(),
    onSourceConfig: () => undefined,
    onSourceUnit: () => undefined,
    [Symbol.asyncDispose]: async () => {
      // Its input ends first, so that the encoder can end by itself.
      await feed[Symbol.asyncDispose]();
      await encoder[Symbol.asyncDispose]();
    },
  };
}
