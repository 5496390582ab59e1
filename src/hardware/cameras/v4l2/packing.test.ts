import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PictureFormat } from '../../../media/picture.ts';
import { isPacked, packRows, rowLayout } from './packing.ts';

const format = (pixelFormat: PictureFormat['pixelFormat'], width: number, height: number): PictureFormat => ({
  pixelFormat,
  width,
  height,
  frameInterval: { numerator: 1, denominator: 30 },
});

const layoutOf = (picture: PictureFormat, bytesPerLine: number) => {
  const layout = rowLayout(picture, bytesPerLine);
  if (layout === undefined) throw new Error(`${picture.pixelFormat} has no rows`);
  return layout;
};

test('rows without padding need no copy', () => {
  expect(isPacked(layoutOf(format('YUYV', 640, 480), 1280))).toBe(true);
  expect(isPacked(layoutOf(format('NV12', 640, 480), 640))).toBe(true);
  expect(isPacked(layoutOf(format('GREY', 641, 481), 641))).toBe(true);
  expect(isPacked(layoutOf(format('Z16', 641, 481), 1282))).toBe(true);
});

test('a driver that names no distance of rows does not pad', () => {
  expect(isPacked(layoutOf(format('YUYV', 640, 480), 0))).toBe(true);
});

test('the padding of every plane is left out', () => {
  const layout = layoutOf(format('NV12', 2, 2), 4);
  // luma rows, then one row of chroma; the last row ends without padding
  const from = Uint8Array.from([1, 2, 0, 0, 3, 4, 0, 0, 5, 6]);
  const into = new Uint8Array(layout.packedBytes);
  packRows(layout, from, into);
  expect([...into]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(layout.neededBytes).toBe(from.length);
});

test('compressed formats have no rows', () => {
  expect(rowLayout(format('MJPG', 640, 480), 0)).toBeUndefined();
});

test('what is packed is what was there, row by row', () => {
  const kinds = fc.constantFrom('YUYV', 'NV12', 'GREY', 'Z16');
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(kinds, size, size, fc.integer({ min: 0, max: 20 }), (kind, width, height, padding) => {
      const widest = Math.max(
        ...layoutOf(format(kind, width, height), 0).planes.map((plane) => plane.rowBytes),
      );
      const layout = layoutOf(format(kind, width, height), widest + padding);
      const from = new Uint8Array(layout.neededBytes).fill(0xee);
      const expected: number[] = [];
      let at = 0;
      for (const { rows, rowBytes } of layout.planes) {
        for (let row = 0; row < rows; row++, at += layout.bytesPerLine) {
          for (let x = 0; x < rowBytes; x++) {
            from[at + x] = expected.length & 0x7f;
            expected.push(expected.length & 0x7f);
          }
        }
      }
      const into = new Uint8Array(layout.packedBytes);
      packRows(layout, from, into);
      expect([...into]).toEqual(expected);
    }),
  );
});
