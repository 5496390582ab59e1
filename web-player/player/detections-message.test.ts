import { expect, test } from 'vitest';
import { readDetections } from './detections-message.ts';

const box = { label: 3, confidence: 0.765, coords: [0.1, 0.2, 0.3, 0.4], name: 'capsule' };
const read = (message: unknown) => readDetections(JSON.stringify(message));

test('a result is placed in seconds, with its boxes', () => {
  const message = { detections: [box], seq: 7, pts: 45_000, timescale: 90_000, latency_ms: 12.5 };
  expect(read(message)).toEqual({ message, ptsS: 0.5, latencyMs: 12.5, boxes: [box], verdict: undefined });
});

test('numbers of a Generic model become a verdict', () => {
  const message = { detections: [0.1, 0.8726, null, -3], pts: 0, timescale: 90_000 };
  expect(read(message)).toMatchObject({ boxes: [], verdict: '1 · 0.873' });
  expect(read({ ...message, labels: ['cat', 'dog'] })?.verdict).toBe('dog · 0.873');
  expect(read({ ...message, detections: [] })?.verdict).toBeUndefined();
});

test('boxes that are none are left out, and no more than a hundred are taken', () => {
  const wrong = [
    null,
    5,
    'x',
    { ...box, coords: [1, 2, 3] },
    { ...box, coords: [1, 2, 3, null] },
    { label: 1 },
  ];
  const message = { detections: [...wrong, ...Array<unknown>(200).fill(box)], pts: 0, timescale: 90_000 };
  expect(read(message)?.boxes).toEqual(Array(100).fill(box));
});

test.each([
  'null',
  '7',
  '[]',
  'no JSON',
  '{"detections":{},"pts":0,"timescale":1}',
  '{"detections":[],"pts":null,"timescale":90000}',
  '{"detections":[],"pts":0,"timescale":0}',
  '{"detections":[],"pts":1e999,"timescale":1}',
  `{"detections":[],"pts":0,"timescale":1,"x":"${'x'.repeat(1_100_000)}"}`,
])('%.50s is no result', (text) => {
  expect(readDetections(text)).toBeUndefined();
});
