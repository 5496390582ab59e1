import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../core/app-error.ts';
import { type ConfigSituation, changedConfig } from './config-change.ts';
import { readConfigRequest, type SetConfig } from './config-request.ts';
import { RESOLUTION_NAMES } from './resolutions.ts';
import { shownConfig } from './sensor-config.ts';
import { type ModeSensor, nearestMode, ratesOf, type SensorMode } from './sensor-modes.ts';

const size = (width: number, height: number, ...rates: number[]) =>
  ({
    kind: 'discrete',
    width,
    height,
    frameIntervals: rates.map((rate) => ({ numerator: 1, denominator: rate })),
  }) as const;

const webcam: ModeSensor = {
  isColour: true,
  formats: [
    {
      pixelFormat: 'MJPG',
      description: 'JPEG',
      frameSizes: [
        size(640, 480, 30, 15, 5),
        size(960, 720, 30),
        size(1280, 720, 30, 15),
        size(1440, 1080, 15),
        size(1920, 1080, 15, 5),
      ],
    },
  ],
};
const mono: ModeSensor = {
  isColour: false,
  formats: [
    {
      pixelFormat: 'GREY',
      description: 'Grey',
      frameSizes: [
        {
          kind: 'stepwise',
          minWidth: 64,
          maxWidth: 1280,
          stepWidth: 2,
          minHeight: 48,
          maxHeight: 800,
          stepHeight: 2,
        },
      ],
    },
  ],
};
const network: ModeSensor = { isColour: true, formats: [] };
const HD: SensorMode = { size: [1280, 720], frameRate: 30 };
const VGA: SensorMode = { size: [640, 480], frameRate: 30 };

function change(body: unknown, { sensor = webcam, present = HD, set = {} }: Partial<ConfigSituation> = {}) {
  return changedConfig(
    { where: 'TEST CAM_A', sensor, present, configured: {}, set },
    readConfigRequest(body),
  );
}
const mode = (width: number, height: number, fps: number): SetConfig => ({ videoSize: [width, height], fps });

describe('a sensor is set to', () => {
  test.each<[object, SetConfig]>([
    [{ resolution: 'THE_1080_P' }, mode(1920, 1080, 15)],
    [{ resolution: [640, 480] }, mode(640, 480, 30)],
    [{ resolution: '640x480' }, mode(640, 480, 30)],
    [{ video_size: ['640', 480] }, mode(640, 480, 30)],
    [{ video_size: '[640, 480]' }, mode(640, 480, 30)],
    [
      { width: 640, height: '480', fps: 15, resize_mode: 'CROP' },
      { ...mode(640, 480, 15), resizeMode: 'CROP' },
    ],
    [{ width: 960 }, mode(960, 720, 30)],
    [{ fps: '15' }, mode(1280, 720, 15)],
    [{ fps: 20, resolution: null }, {}],
    [{ resolution: 'THE_1440X1080', video_size: [1440, 1080] }, mode(1440, 1080, 15)],
  ])('%j as %j', (body, expected) => {
    expect(change(body)).toEqual(expected);
  });

  test('the size of a name, or the widest of that height', () => {
    expect(change({ resolution: 'THE_720_P' }, { present: VGA })).toEqual(mode(1280, 720, 30));
    const narrow: ModeSensor = {
      ...webcam,
      formats: [
        { pixelFormat: 'YUYV', description: '', frameSizes: [size(640, 480, 30), size(960, 720, 30)] },
      ],
    };
    expect(change({ resolution: 'THE_720_P' }, { present: VGA, sensor: narrow })).toEqual(mode(960, 720, 30));
  });

  test('the size itself where a name of the same height stands beside it', () => {
    const both = { resolution: 'THE_720_P', video_size: [960, 720] };
    expect(change(both, { present: VGA })).toEqual(mode(960, 720, 30));
  });

  test('its present rate, when only the size is asked for', () => {
    const present: SensorMode = { size: [640, 480], frameRate: 15 };
    expect(change({ resolution: 'THE_720_P' }, { present })).toEqual(mode(1280, 720, 15));
  });

  test('the nearest rate that the new size has, when only the size is asked for', () => {
    const whole = { ...shownConfig(true, HD, {}), resolution: 'THE_1080_P' };
    expect(change(whole)).toEqual(mode(1920, 1080, 15));
  });
});

describe('nothing is asked of the sensor by', () => {
  test.each<[string, unknown]>([
    ['nothing', {}],
    ['its own configuration', shownConfig(true, HD, {})],
    ['nulls and what means nothing here', { fps: null, resolution: null, colour: 'red' }],
    ['a size and rate that are not known', { video_size: [0, 0], resolution: '0,0', fps: 0, width: 0 }],
    ['its own rate, rounded', { fps: 30.004 }],
  ])('%s', (_what, body) => {
    expect(change(body)).toEqual({});
  });

  test('a whole configuration with one field changed, but for that field', () => {
    const set: SetConfig = { ...mode(1280, 720, 30), previewSize: [64, 64] };
    const whole = { ...shownConfig(true, HD, set), still_size: [200, 200] };
    expect(change(whole, { set })).toEqual({ ...set, stillSize: [200, 200] });
  });
});

describe('stills', () => {
  const set: SetConfig = { stillSize: [200, 200] };
  test.each<[string, object, SetConfig | undefined]>([
    ['keep their size', { fps: 30 }, set],
    ['have the size of the video again when set to it', { still_size: [1280, 720] }, {}],
    [
      'follow the video when set to its new size',
      { still_size: [640, 480], video_size: [640, 480] },
      mode(640, 480, 30),
    ],
  ])('%s', (_what, body, expected) => {
    expect(change(body, { set })).toEqual(expected);
  });

  test('follow a change of size where the client sends back what was shown', () => {
    const whole = { ...shownConfig(true, HD, {}), resolution: [640, 480] };
    expect(change(whole)).toEqual(mode(640, 480, 30));
  });
});

describe('a change is refused', () => {
  const refused = (code: string, ...words: string[]) =>
    expect.objectContaining({
      code,
      kind: 'invalid',
      message: expect.stringMatching(words.join('.*')),
    });

  test.each<[object, string, ...string[]]>([
    [{ video_size: [800, 600] }, 'SENSOR_MODE_UNAVAILABLE', '800×600', 'possible: 640×480 at 5 to 30'],
    [{ resolution: 'THE_4_K' }, 'SENSOR_MODE_UNAVAILABLE', 'THE_4_K', '1920×1080'],
    [{ fps: 60 }, 'SENSOR_MODE_UNAVAILABLE', '1280×720 at 60'],
    [{ video_size: [1920, 1080], fps: 20 }, 'SENSOR_MODE_UNAVAILABLE', '1920×1080 at 20'],
    [
      { video_size: [640, 480], resolution: 'THE_1080_P' },
      'SENSOR_CONFIG_INVALID',
      'resolution',
      'video_size',
    ],
    [{ video_size: [640, 480], width: 960, height: 720 }, 'SENSOR_CONFIG_INVALID', 'width', 'video_size'],
    [{ resolution: 'THE_BEST' }, 'SENSOR_CONFIG_INVALID', 'resolution', 'THE_1080_P'],
    [{ resolution: [640] }, 'SENSOR_CONFIG_INVALID', 'resolution'],
    [{ video_size: [640.5, 480] }, 'SENSOR_CONFIG_INVALID', 'video_size'],
    [{ video_size: true }, 'SENSOR_CONFIG_INVALID', 'video_size'],
    [{ fps: 'fast' }, 'SENSOR_CONFIG_INVALID', 'fps', 'fast'],
    [{ fps: -1 }, 'SENSOR_CONFIG_INVALID', 'fps'],
    [{ still_size: [9000, 10] }, 'SENSOR_CONFIG_INVALID', 'still_size', '8192'],
    [{ sensor_crop: [0, 2] }, 'SENSOR_CONFIG_INVALID', 'sensor_crop'],
    [{ resize_mode: 'crop' }, 'SENSOR_CONFIG_INVALID', 'resize_mode', 'LETTERBOX'],
  ])('%j: %s', (body, code, ...words) => {
    expect(() => change(body)).toThrow(refused(code, ...words));
  });

  test('of a camera whose mode is its own to choose', () => {
    const present: SensorMode = { size: [1920, 1080], frameRate: 0 };
    for (const body of [{ fps: 30 }, { resolution: 'THE_720_P' }, { video_size: [640, 480] }])
      expect(() => change(body, { sensor: network, present })).toThrow(
        refused('SENSOR_MODE_UNAVAILABLE', 'none: the camera decides'),
      );
    expect(change({ still_size: [200, 200] }, { sensor: network, present })).toEqual({
      stillSize: [200, 200],
    });
  });
});

describe('any body', () => {
  const pair = fc.array(fc.oneof(fc.integer({ min: -1, max: 2000 }), fc.constantFrom(480, 640, 720, 1080)), {
    minLength: 2,
    maxLength: 2,
  });
  const field = fc.oneof(
    { arbitrary: fc.constantFrom(...RESOLUTION_NAMES, '640x480', '15', null, true), weight: 2 },
    { arbitrary: pair, weight: 3 },
    fc.double(),
    fc.jsonValue(),
  );
  const names = [
    ...['resolution', 'video_size', 'width', 'height', 'fps'],
    ...['still_size', 'preview_size', 'sensor_crop', 'resize_mode'],
  ];
  const body = fc.oneof(fc.dictionary(fc.constantFrom(...names), field), fc.jsonValue());

  test.each([
    ['webcam', webcam],
    ['mono sensor of any size', mono],
    ['network camera', network],
  ])('asks for a mode that the %s has, or is refused as invalid', (_what, sensor) => {
    fc.assert(
      fc.property(body, fc.constantFrom(HD, VGA), (request, present) => {
        let changed: SetConfig;
        try {
          changed = change(request, { sensor, present });
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error instanceof AppError && error.kind).toBe('invalid');
          return;
        }
        const { videoSize, fps } = changed;
        if (videoSize === undefined) return;
        const [width, height] = videoSize;
        const rates = ratesOf(sensor, {}, videoSize);
        expect(rates).toBeDefined();
        expect(fps).toBeGreaterThanOrEqual(rates?.min ?? Number.NaN);
        expect(fps).toBeLessThanOrEqual(rates?.max ?? Number.NaN);
        // What is remembered is what the sensor then does.
        const taken = nearestMode(sensor, { width, height, ...(fps !== undefined && { frameRate: fps }) });
        expect(taken).toEqual({ size: videoSize, frameRate: fps });
      }),
      { numRuns: 500 },
    );
  });
});

test.each<[string, boolean, SensorMode, SetConfig, object]>([
  [
    'a colour sensor in a mode with a name',
    true,
    HD,
    {},
    {
      resolution: 'THE_720_P',
      still_size: [1280, 720],
      preview_size: [300, 300],
      video_size: [1280, 720],
      sensor_crop: [0, 0],
      fps: 30,
    },
  ],
  ['a mono sensor', false, { size: [640, 400], frameRate: 30 }, {}, { resolution: 'THE_400_P', fps: 30 }],
  [
    'a sensor in another mode',
    true,
    { size: [320, 240], frameRate: 12.5 },
    {},
    {
      resolution: [320, 240],
      still_size: [320, 240],
      preview_size: [300, 300],
      video_size: [320, 240],
      fps: 12.5,
    },
  ],
  [
    'a mono sensor with what was set',
    false,
    HD,
    { stillSize: [200, 200], sensorCrop: [0.1, 0], resizeMode: 'STRETCH' },
    {
      resolution: 'THE_720_P',
      still_size: [200, 200],
      sensor_crop: [0.1, 0],
      resize_mode: 'STRETCH',
      fps: 30,
    },
  ],
])('%s is shown in its shape', (_what, isColour, present, set, expected) => {
  expect(shownConfig(isColour, present, set)).toEqual(expected);
});
