import { expect, test } from 'vitest';
import { COLOUR_SENSOR, chooseFormat, MONO_SENSOR, offeredFormats } from './sensor-format.ts';

test('an empty request gives the defaults of the sensor', () => {
  expect(chooseFormat('S CAM_A', COLOUR_SENSOR, {})).toEqual({
    pixelFormat: 'NV12',
    width: 1280,
    height: 720,
    frameInterval: { numerator: 1, denominator: 30 },
  });
  expect(chooseFormat('S CAM_B', MONO_SENSOR, {})).toMatchObject({
    pixelFormat: 'GREY',
    width: 640,
    height: 400,
  });
});

test('the nearest even size and rate within the limits is taken', () => {
  const ask = (request: object) => chooseFormat('S CAM_A', COLOUR_SENSOR, request);
  expect(ask({ width: 333, height: 9999 })).toMatchObject({ width: 334, height: 1080 });
  expect(ask({ width: 1, height: 1 })).toMatchObject({ width: 64, height: 48 });
  expect(ask({ frameRate: 0.1 }).frameInterval).toEqual({ numerator: 1, denominator: 1 });
  expect(ask({ frameRate: 1000 }).frameInterval).toEqual({ numerator: 1, denominator: 120 });
  expect(ask({ frameRate: 29.97 }).frameInterval).toEqual({ numerator: 1000, denominator: 29_970 });
});

test('a pixel format that the sensor does not list is refused', () => {
  expect(offeredFormats(MONO_SENSOR).map(({ pixelFormat }) => pixelFormat)).toEqual(['GREY']);
  expect(() => chooseFormat('S CAM_B', MONO_SENSOR, { pixelFormat: 'NV12' })).toThrow(
    expect.objectContaining({ code: 'SOURCE_FORMAT_UNSUPPORTED', message: expect.stringContaining('GREY') }),
  );
});
