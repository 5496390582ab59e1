import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { findingsJson } from './findings-json.ts';
import type { Findings } from './heads/index.ts';

const told = (findings: Findings, labels: readonly string[] = []) =>
  JSON.parse(`{${Buffer.from(findingsJson(findings, labels))}}`);

test('detections are told as Robopipe tells them', () => {
  const ball = { label: 0, confidence: 0.75, coords: [0.1, 0.2, 0.3, 0.4], name: 'bäll' } as const;
  expect(told({ detections: [ball] }, ['bäll'])).toEqual({ detections: [ball] });
  expect(told({ detections: [] }, ['bäll'])).toEqual({ detections: [] });
});

test('numbers of a generic model come flat, with its other outputs and the names of classes', () => {
  const outputs = { more: { shape: [1, 2], data: Float64Array.of(3, 4) } };
  expect(told({ detections: Float64Array.of(0.25, 0.75), outputs }, ['black', 'other'])).toEqual({
    detections: [0.25, 0.75],
    outputs: { more: { shape: [1, 2], data: [3, 4] } },
    labels: ['black', 'other'],
  });
});

test('a segmentation has a grey PNG in which a pixel is the number of its detection', () => {
  const found = (label: number) => ({ label, confidence: 1, coords: [0, 0, 1, 1] as const });
  const mask = { width: 3, height: 2, classes: Uint8Array.of(0, 5, 5, 2, 2, 0) };
  const { masks_png, mask_width, mask_height } = told({ detections: [found(5), found(2)], mask });
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
