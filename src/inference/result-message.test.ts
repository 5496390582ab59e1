import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { resultMessage } from './result-message.ts';

const context = {
  sequence: 7,
  capturedWallUs: 1_767_225_600_000_000,
  ptsTicks: 3000,
  width: 640,
  height: 480,
  latencyUs: 12_345,
  labels: [],
};
const took = { modelUs: 4000, overheadUs: 1000 };

test('detections are told as Robopipe tells them, with the picture they belong to', async () => {
  const ball = { label: 0, confidence: 0.75, coords: [0.1, 0.2, 0.3, 0.4], name: 'ball' } as const;
  const message = await resultMessage({ detections: [ball], ...took }, { ...context, labels: ['ball'] });
  expect(JSON.parse(message)).toEqual({
    detections: [{ label: 0, confidence: 0.75, coords: [0.1, 0.2, 0.3, 0.4], name: 'ball' }],
    seq: 7,
    capture_ts_us: 1_767_225_600_000_000,
    pts: 3000,
    timescale: 90_000,
    width: 640,
    height: 480,
    latency_ms: 12.345,
    inference_ms: 4,
  });
});

test('numbers of a generic model come flat, with its other outputs and the names of classes', async () => {
  const outputs = { more: { shape: [1, 2], data: [3, 4] } };
  const message = await resultMessage(
    { detections: [0.25, 0.75], outputs, ...took },
    { ...context, ptsTicks: undefined, labels: ['black', 'other'] },
  );
  expect(JSON.parse(message)).toMatchObject({
    detections: [0.25, 0.75],
    outputs,
    labels: ['black', 'other'],
    pts: null,
  });
});

test('a picture in which nothing was found has an empty list', async () => {
  expect(JSON.parse(await resultMessage({ detections: [], ...took }, context))).toMatchObject({
    detections: [],
  });
});

test('a segmentation has a grey PNG in which a pixel is the number of its detection', async () => {
  const found = (label: number) => ({ label, confidence: 1, coords: [0, 0, 1, 1] as const });
  const mask = { width: 3, height: 2, classes: Uint8Array.of(0, 5, 5, 2, 2, 0) };
  const message = await resultMessage({ detections: [found(5), found(2)], mask, ...took }, context);
  const { masks_png, mask_width, mask_height } = JSON.parse(message);
  expect([mask_width, mask_height]).toEqual([3, 2]);
  const png = Buffer.from(masks_png, 'base64');
  expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  expect(png.subarray(12, 29)).toEqual(
    Buffer.from([...Buffer.from('IHDR'), 0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0]),
  );
  const data = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  expect([...rows]).toEqual([0, 0, 1, 1, 0, 2, 2, 0]);
});
