import { expect, test } from 'vitest';
import { HeldPicture } from './held-picture.ts';
import { PictureWatch } from './picture-watch.ts';

/** A watch, the sequence numbers it has sent, and those whose memory came back. */
function openWatch() {
  const sent: number[] = [];
  const released: number[] = [];
  const watch = new PictureWatch(({ picture }) => sent.push(picture.sequence));
  const offer = (sequence: number) => {
    const picture = { data: new Uint8Array(1), sequence, capturedUs: sequence };
    const held = new HeldPicture(picture, () => released.push(sequence));
    watch.offer(held);
    held.release();
  };
  return { watch, sent, released, offer };
}

test('nothing is sent or held while nobody watches', () => {
  const { sent, released, offer } = openWatch();
  offer(1);
  expect({ sent, released }).toEqual({ sent: [], released: [1] });
});

test('the newest picture that arrived meanwhile goes when the last one is handled', () => {
  const { watch, sent, released, offer } = openWatch();
  watch.enable(true);
  for (const sequence of [1, 2, 3, 4]) offer(sequence);
  expect({ sent, released }).toEqual({ sent: [1], released: [1, 2, 3] });
  watch.handled();
  expect({ sent, released }).toEqual({ sent: [1, 4], released: [1, 2, 3, 4] });
});

test('without a waiting picture the next one goes at once', () => {
  const { watch, sent, offer } = openWatch();
  watch.enable(true);
  offer(1);
  watch.handled();
  offer(2);
  expect(sent).toEqual([1, 2]);
});

test('ending the watch forgets the waiting picture, and the one on its way still counts', () => {
  const { watch, sent, released, offer } = openWatch();
  watch.enable(true);
  offer(1);
  offer(2);
  watch.enable(false);
  expect(released).toEqual([1, 2]);
  watch.enable(true);
  offer(3);
  expect(sent).toEqual([1]);
  watch.handled();
  expect(sent).toEqual([1, 3]);
});
