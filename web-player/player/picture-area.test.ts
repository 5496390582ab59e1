import { expect, test } from 'vitest';
import { pictureArea } from './picture-area.ts';

const wide = { width: 800, height: 300 };
const picture = { width: 640, height: 360 };
const areaOf = (fit: string, position = '50% 50%', element = wide) =>
  Object.values(pictureArea(element, picture, fit, position)).map(Math.round);

test.each([
  ['contain', [133, 0, 533, 300]],
  ['cover', [0, -75, 800, 450]],
  ['fill', [0, 0, 800, 300]],
  ['none', [80, -30, 640, 360]],
  ['scale-down', [133, 0, 533, 300]],
])('object-fit %s', (fit, area) => {
  expect(areaOf(fit)).toEqual(area);
});

test('a tall element has bars above and below', () => {
  expect(areaOf('contain', '50% 50%', { width: 320, height: 480 })).toEqual([0, 150, 320, 180]);
});

test.each([
  ['0% 50%', 0],
  ['100% 50%', 267],
  ['20px 0px', 20],
  ['calc(50% - 3px) 0px', 133],
])('object-position %s', (position, left) => {
  expect(areaOf('contain', position)[0]).toBe(left);
});
