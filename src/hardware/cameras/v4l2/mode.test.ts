import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameSize, SensorFormat } from '../camera.ts';
import { chooseMode, intervalOf, usableFormats } from './mode.ts';

const PRESENT = { width: 640, height: 480 };

const discrete = (width: number, height: number, ...rates: number[]): FrameSize => ({
  kind: 'discrete',
  width,
  height,
  frameIntervals: rates.map((denominator) => ({ numerator: 1, denominator })),
});

const format = (pixelFormat: string, ...frameSizes: FrameSize[]): SensorFormat => ({
  pixelFormat,
  description: '',
  frameSizes,
});

/** A USB camera as they are sold: raw pictures are slow at larger sizes. */
const webcam = [
  format(
    'YUYV',
    discrete(640, 480, 30, 15),
    discrete(1280, 720, 10, 5),
    discrete(1920, 1080, 5),
    discrete(320, 240, 30),
  ),
  format('MJPG', discrete(640, 480, 60, 30), discrete(1280, 720, 60, 30), discrete(1920, 1080, 30)),
];

function choose(formats: readonly SensorFormat[], request: Parameters<typeof chooseMode>[1] = {}): string {
  const mode = chooseMode(formats, request, PRESENT);
  if (mode === undefined) return 'none';
  const { pixelFormat, width, height, frameInterval } = mode;
  return `${pixelFormat} ${width}x${height} ${frameInterval.numerator}/${frameInterval.denominator}`;
}

describe('without a request', () => {
  test('a webcam gives 1280x720 at 30 as MJPG, which its raw mode cannot', () => {
    expect(choose(webcam)).toBe('MJPG 1280x720 1/30');
  });

  test('raw pictures are preferred where they are as large and as fast', () => {
    expect(choose([format('MJPG', discrete(1280, 720, 30)), format('YUYV', discrete(1280, 720, 30))])).toBe(
      'YUYV 1280x720 1/30',
    );
  });

  test('a fluent rate goes before a larger size', () => {
    expect(choose([format('YUYV', discrete(640, 480, 30), discrete(1280, 720, 8))])).toBe(
      'YUYV 640x480 1/30',
    );
  });

  test('25 per second is fluent enough not to give up size', () => {
    expect(choose([format('YUYV', discrete(640, 480, 30), discrete(1280, 720, 25))])).toBe(
      'YUYV 1280x720 1/25',
    );
  });

  test('a sensor with larger sizes only gives its smallest', () => {
    expect(choose([format('MJPG', discrete(3840, 2160, 30), discrete(1920, 1080, 30))])).toBe(
      'MJPG 1920x1080 1/30',
    );
  });

  test('colour is preferred to GREY, and pictures to H264', () => {
    const size = discrete(640, 480, 30);
    expect(choose([format('GREY', size), format('H264', size), format('MJPG', size)])).toBe(
      'MJPG 640x480 1/30',
    );
    expect(choose([format('H264', size), format('GREY', size)])).toBe('GREY 640x480 1/30');
  });

  test('a sensor that only codes gives H264', () => {
    expect(choose([format('H264', discrete(1920, 1080, 30))])).toBe('H264 1920x1080 1/30');
  });
});

describe('with a request', () => {
  test('the size goes first, then the closest rate that is not slower', () => {
    expect(choose(webcam, { width: 640, height: 480, frameRate: 20 })).toBe('YUYV 640x480 1/30');
    expect(choose(webcam, { width: 640, height: 480, frameRate: 15 })).toBe('YUYV 640x480 1/15');
    expect(choose(webcam, { width: 640, height: 480, frameRate: 50 })).toBe('MJPG 640x480 1/60');
  });

  test('a rate beyond all gives the fastest', () => {
    expect(choose(webcam, { width: 1920, height: 1080, frameRate: 240 })).toBe('MJPG 1920x1080 1/30');
  });

  test('the nearest size stands in for one that is not there', () => {
    expect(choose(webcam, { width: 1300, height: 700 })).toBe('MJPG 1280x720 1/30');
    expect(choose(webcam, { width: 300 })).toBe('YUYV 320x240 1/30');
  });

  test('the pixel format is kept at the cost of rate', () => {
    expect(choose(webcam, { pixelFormat: 'YUYV', width: 1280, height: 720 })).toBe('YUYV 1280x720 1/10');
  });

  test('29.97 asked for as a decimal finds 30000/1001', () => {
    const ntsc: FrameSize = {
      kind: 'discrete',
      width: 720,
      height: 480,
      frameIntervals: [
        { numerator: 1, denominator: 60 },
        { numerator: 1001, denominator: 30000 },
      ],
    };
    expect(choose([format('YUYV', ntsc)], { frameRate: 29.97 })).toBe('YUYV 720x480 1001/30000');
  });

  test('a pixel format that the sensor does not have gives no mode', () => {
    expect(choose(webcam, { pixelFormat: 'H264' })).toBe('none');
  });
});

test('formats the service cannot read are never chosen', () => {
  expect(choose([format('RGB3', discrete(640, 480, 30)), format('NV12M', discrete(640, 480, 30))])).toBe(
    'none',
  );
});

test('the JPEG fourcc of older drivers counts as MJPG and is set as it is', () => {
  const mode = chooseMode([format('JPEG', discrete(640, 480, 30))], { pixelFormat: 'MJPG' }, PRESENT);
  expect(mode).toMatchObject({ fourcc: 'JPEG', pixelFormat: 'MJPG' });
});

test('a range of sizes gives the wanted one on its grid', () => {
  const range: FrameSize = {
    kind: 'stepwise',
    minWidth: 16,
    maxWidth: 1920,
    stepWidth: 16,
    minHeight: 16,
    maxHeight: 1080,
    stepHeight: 8,
  };
  expect(choose([format('YUYV', range)], { width: 650, height: 483, frameRate: 12 })).toBe(
    'YUYV 640x480 1/12',
  );
  expect(choose([format('YUYV', range)])).toBe('YUYV 1280x720 1/30');
  expect(choose([format('YUYV', range)], { width: 9999, height: 1 })).toBe('YUYV 1920x16 1/30');
});

test('a format without listed sizes gives the size in force', () => {
  expect(choose([format('YUYV')], { width: 1920 })).toBe('YUYV 640x480 1/30');
});

test.each([{}, { pixelFormat: 'YUYV' }, { pixelFormat: 'Z16' }] as const)(
  'a sensor that measures depth gives depth, asked for %j',
  (request) => {
    const formats = [
      format('GREY', discrete(1280, 720, 30)),
      format('Z16', discrete(640, 480, 30), discrete(848, 480, 30)),
      format('YUYV', discrete(1280, 720, 30)),
    ];
    expect(choose(formats, request)).toBe('Z16 848x480 1/30');
    expect(usableFormats(formats, request).map(({ pixelFormat }) => pixelFormat)).toEqual(['Z16']);
  },
);

test('a rate becomes an exact interval', () => {
  expect(intervalOf(25)).toEqual({ numerator: 1, denominator: 25 });
  expect(intervalOf(0.5)).toEqual({ numerator: 1000, denominator: 500 });
});

test('whatever is offered, the mode is one of the offered ones', () => {
  const sizes = fc
    .tuple(
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.array(fc.integer({ min: 1, max: 240 })),
    )
    .map(([width, height, rates]) => discrete(width, height, ...rates));
  const formats = fc.array(
    fc.record({
      pixelFormat: fc.constantFrom('NV12', 'YUYV', 'MJPG', 'GREY', 'H264', 'RGB3'),
      description: fc.constant(''),
      frameSizes: fc.array(sizes, { minLength: 1, maxLength: 5 }),
    }),
    { maxLength: 5 },
  );
  const request = fc.record(
    {
      width: fc.integer({ min: 1, max: 4000 }),
      height: fc.integer({ min: 1, max: 4000 }),
      frameRate: fc.double({ min: 0.01, max: 240, noNaN: true }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(formats, request, (offered, asked) => {
      const mode = chooseMode(offered, asked, PRESENT);
      const usable = offered.filter(({ pixelFormat }) => pixelFormat !== 'RGB3');
      expect(mode === undefined).toBe(usable.length === 0);
      if (mode === undefined) return;
      const match = usable.some(
        ({ pixelFormat, frameSizes }) =>
          pixelFormat === mode.fourcc &&
          frameSizes.some(
            (size) =>
              size.kind === 'discrete' &&
              size.width === mode.width &&
              size.height === mode.height &&
              (size.frameIntervals.length === 0 || size.frameIntervals.includes(mode.frameInterval)),
          ),
      );
      expect(match).toBe(true);
    }),
  );
});
