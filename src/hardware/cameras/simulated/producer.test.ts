import { expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { POLLIN, poll } from '../../../core/libc.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { PictureProducer, ProducedPicture } from '../capture/picture-producer.ts';
import { FaultLine } from './fault-line.ts';
import { openSimulatedProducer } from './producer.ts';
import { readTimeCode, resolveTimeCode } from './time-code.ts';

const FORMAT: PictureFormat = {
  pixelFormat: 'GREY',
  width: 128,
  height: 96,
  frameInterval: { numerator: 1, denominator: 120 },
};

function open(faults = new FaultLine(), format = FORMAT): PictureProducer {
  const { memory } = faults;
  return openSimulatedProducer({
    kind: 'simulated',
    label: 'SIMULATED1 CAM_B',
    format,
    seed: 1,
    faults: memory,
  });
}

function takeNext(producer: PictureProducer): ProducedPicture | 'format-changed' {
  for (;;) {
    expect(poll([{ fd: producer.fd, events: POLLIN }], 5000)).toEqual([POLLIN]);
    const taken = producer.take();
    if (taken !== undefined) return taken;
  }
}

function takePicture(producer: PictureProducer): ProducedPicture {
  const taken = takeNext(producer);
  if (taken === 'format-changed') throw new Error('expected a picture');
  return taken;
}

test('pictures are taken at whole multiples of the frame interval, never ahead of the clock', () => {
  const producer = open();
  for (let count = 0; count < 20; count += 1) {
    const picture = takePicture(producer);
    const tick = Math.round((picture.capturedUs * 120) / 1e6);
    expect(picture.capturedUs).toBe(Math.round((tick * 1e6) / 120));
    expect(picture.capturedUs).toBeLessThanOrEqual(systemClock.monotonicUs());
    producer.release(picture);
  }
  producer[Symbol.dispose]();
});

test('sequence numbers count frame intervals, and intervals that nobody took are lost', () => {
  const producer = open();
  const first = takePicture(producer);
  producer.release(first);
  // Let at least three intervals pass, as a thread would that has no processor.
  const untilUs = first.capturedUs + 4 * 8334;
  while (systemClock.monotonicUs() < untilUs);
  const second = takePicture(producer);
  const elapsed = Math.round(((second.capturedUs - first.capturedUs) * 120) / 1e6);
  expect(elapsed).toBeGreaterThanOrEqual(4);
  expect(second.sequence - first.sequence).toBe(elapsed);
  expect(producer.lost).toBeGreaterThanOrEqual(elapsed - 1);
  expect(producer.lost).toBe(second.sequence + 1 - 2);
  producer[Symbol.dispose]();
});

test('the time code in the picture is its capture time on the wall clock', () => {
  const producer = open();
  const { data, capturedUs } = takePicture(producer);
  const code = readTimeCode(data, FORMAT.width, FORMAT.height, FORMAT.width) ?? 0;
  const wallUs = systemClock.wallUsAt(capturedUs);
  expect(Math.abs(resolveTimeCode(code, wallUs) - wallUs)).toBeLessThan(5000);
  producer[Symbol.dispose]();
});

test('two pictures can be out at a time and keep their bytes', () => {
  const producer = open();
  const first = takePicture(producer);
  const before = Buffer.from(first.data);
  const second = takePicture(producer);
  expect(before.equals(first.data)).toBe(true);
  expect(before.equals(second.data)).toBe(false);
  producer.release(first);
  producer.release(second);
  expect(takePicture(producer).data).toBe(second.data);
  producer[Symbol.dispose]();
});

test('a stalled sensor gives nothing until the stall ends', () => {
  const faults = new FaultLine();
  const producer = open(faults);
  faults.stall(true);
  for (let count = 0; count < 5; count += 1) {
    poll([{ fd: producer.fd, events: POLLIN }], 5000);
    expect(producer.take()).toBeUndefined();
  }
  faults.stall(false);
  expect(takePicture(producer).sequence).toBe(producer.lost);
  producer[Symbol.dispose]();
});

test('a vanished sensor throws SOURCE_GONE', () => {
  const faults = new FaultLine();
  const producer = open(faults);
  faults.vanish();
  expect(() => takeNext(producer)).toThrow(expect.objectContaining({ code: 'SOURCE_GONE' }));
  producer[Symbol.dispose]();
});

test('a resized sensor announces its format before the first picture of that size', () => {
  const faults = new FaultLine();
  const producer = open(faults);
  const old = takePicture(producer);
  faults.resize(201, 100);
  expect(takeNext(producer)).toBe('format-changed');
  expect(producer.format).toEqual({ ...FORMAT, width: 202, height: 100 });
  producer.release(old);
  expect(takePicture(producer).data).toHaveLength(202 * 100);
  expect(takePicture(producer).data).toHaveLength(202 * 100);
  producer[Symbol.dispose]();
});

test('disposal is idempotent', () => {
  const producer = open();
  producer[Symbol.dispose]();
  expect(() => producer[Symbol.dispose]()).not.toThrow();
});
