import { expect, test } from 'vitest';
import { AppendQueue } from './append-queue.ts';
import { fragment, initSegment } from './test-segments.ts';
import { WireReader } from './wire-reader.ts';

function segments() {
  const reader = new WireReader();
  const read = (bytes: Uint8Array) => {
    const segment = reader.read(bytes);
    if (segment === undefined) throw new Error('a segment was expected');
    return segment;
  };
  const init = read(initSegment());
  return {
    init,
    picture: (isSync: boolean) => read(fragment({ isSync })),
  };
}

function drain(queue: AppendQueue) {
  const all = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) all.push(next);
  return all;
}

test('segments come out in the order they went in', () => {
  const { init, picture } = segments();
  const queue = new AppendQueue();
  const all = [init, picture(true), picture(false)];
  for (const segment of all) queue.push(segment);
  expect(queue.peek()).toBe(init);
  expect(drain(queue)).toEqual(all);
  expect(queue.dropped).toBe(0);
});

test('a full queue keeps the init segment and the newest group of pictures, and counts the rest', () => {
  const { init, picture } = segments();
  const queue = new AppendQueue();
  queue.push(init);
  let pushed = 0;
  while (queue.dropped === 0) {
    queue.push(picture(pushed % 50 === 0));
    pushed += 1;
  }
  const kept = drain(queue);
  expect(kept[0]).toBe(init);
  expect(kept[1]).toMatchObject({ isSync: true });
  expect(kept.length).toBeLessThanOrEqual(51);
  expect(queue.dropped + kept.length - 1).toBe(pushed);
});

test('a full queue of one long group is emptied, and waits for a sync sample', () => {
  const { init, picture } = segments();
  const queue = new AppendQueue();
  queue.push(init);
  queue.push(picture(true));
  while (queue.dropped === 0) queue.push(picture(false));
  queue.push(picture(false));
  expect(drain(queue)).toEqual([init]);
  queue.push(picture(true));
  expect(queue.length).toBe(1);
});

test('bytes are bounded as well as numbers', () => {
  const { init, picture } = segments();
  const queue = new AppendQueue();
  queue.push(init);
  for (let group = 0; group < 20; group++) queue.push({ ...picture(true), bytes: new Uint8Array(1_000_000) });
  expect(queue.length).toBeLessThan(20);
  expect(queue.dropped).toBeGreaterThan(0);
});

test('after a clear only a sync sample is taken', () => {
  const { picture } = segments();
  const queue = new AppendQueue();
  queue.push(picture(true));
  queue.clear();
  queue.push(picture(false));
  expect(queue.length).toBe(0);
  queue.push(picture(true));
  expect(queue.length).toBe(1);
});
