import { describe, expect, test } from 'vitest';
import { INPUT_64, output, WHOLE_64 } from '../../../test/support/model-outputs.ts';
import { parseModelConfig } from '../parse-model-config.ts';
import { createHead, type OutputTensor } from './index.ts';

function read(
  outputs: readonly OutputTensor[],
  nn_config: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
  placement = WHOLE_64,
) {
  const config = parseModelConfig({ type: 'YOLO', nn_config, ...more });
  return createHead(config, INPUT_64, outputs)(outputs, placement).detections;
}

/** Rows of boxes as columns. */
function transposed(rows: readonly (readonly number[])[]): number[] {
  return (rows[0] ?? []).flatMap((_, column) => rows.map((row) => row[column] ?? 0));
}

const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

type Refused = [OutputTensor[], Record<string, unknown>, string, RegExp];

/** Centre, size and two classes: a box of class 1, one that is not sure, one of class 0. */
const BOXES = [
  [32, 16, 32, 16, 0.1, 0.75],
  [10, 10, 4, 4, 0.25, 0.125],
  [48, 48, 16, 32, 0.875, 0.5],
];
const FILLING = Array.from({ length: 7 }, () => [0, 0, 0, 0, 0, 0]);
const FOUND = [
  { label: 0, confidence: 0.875, coords: [0.625, 0.5, 0.875, 1] },
  { label: 1, confidence: 0.75, coords: [0.25, 0.125, 0.75, 0.375] },
];

describe('an output of boxes that are decoded', () => {
  const rows = [...BOXES, ...FILLING];

  test('[1, 4 + classes, N] is that of v8 and later', () => {
    expect(read([output('output0', [1, 6, 10], transposed(rows))])).toEqual(FOUND);
    expect(read([output('output0', [1, 6, 10], transposed(rows))], { num_classes: 2 })).toEqual(FOUND);
  });

  test('[1, N, 4 + classes] is the same transposed, when the number of classes says so', () => {
    const wide = [...rows.map((row) => [...row, 0])];
    expect(read([output('output0', [1, 10, 7], wide.flat())], { num_classes: 3 })).toEqual(FOUND);
  });

  test('[1, N, 5 + classes] is that of v5, whose fifth number weighs the classes', () => {
    const withObject = rows.map(([x = 0, y = 0, w = 0, h = 0, ...classes]) => [x, y, w, h, 0.8, ...classes]);
    expect(read([output('output', [1, 10, 7], withObject.flat())])).toEqual([
      { ...FOUND[0], confidence: expect.closeTo(0.7) },
      { ...FOUND[1], confidence: expect.closeTo(0.6) },
    ]);
    expect(
      read([output('output', [1, 10, 7], withObject.flat())], { confidence_threshold: 0.65 }),
    ).toHaveLength(1);
  });

  test('grids beside it are left aside', () => {
    const grids = [output('p3', [1, 3, 8, 8, 7])];
    expect(read([output('output0', [1, 6, 10], transposed(rows)), ...grids])).toEqual(FOUND);
  });

  test('[1, N, 6] with few N are boxes that the model has chosen: corners, confidence, class', () => {
    const chosen = [8, 16, 24, 32, 0.9, 3, 9, 16, 24, 32, 0.8, 3, 0, 0, 8, 8, 0.2, 1];
    expect(read([output('output0', [1, 300, 6], chosen)], { num_classes: 80 })).toEqual([
      { label: 3, confidence: expect.closeTo(0.9), coords: [0.125, 0.25, 0.375, 0.5] },
    ]);
  });

  test('labels name what is found and say how many classes there are', () => {
    const found = read([output('output0', [1, 6, 1], BOXES[0])], {}, { labels: ['ball', 'cup'] });
    expect(found).toEqual([{ ...FOUND[1], name: 'cup' }]);
  });

  test('a class may have a threshold of its own', () => {
    const nn_config = { confidence_threshold: 0.95, class_thresholds: { 1: 0.7 } };
    expect(read([output('output0', [1, 6, 10], transposed(rows))], nn_config)).toEqual([FOUND[1]]);
  });

  test('of overlapping boxes of a class the best is left', () => {
    const twice = [...rows, [32, 17, 32, 16, 0, 0.7]];
    expect(read([output('output0', [1, 6, 11], transposed(twice))])).toEqual(FOUND);
  });

  test('boxes come back through the letterbox and end at its borders', () => {
    const placement = { left: 0, top: 16, width: 64, height: 32 };
    const boxes = [
      [32, 24, 32, 16, 0.9, 0],
      [32, 4, 8, 4, 0.9, 0],
    ];
    expect(
      read(
        [output('output0', [1, 6, 10], transposed([...boxes, ...FILLING, FILLING[0] ?? []]))],
        {},
        {},
        placement,
      ),
    ).toEqual([{ label: 0, confidence: expect.closeTo(0.9), coords: [0.25, 0, 0.75, 0.5] }]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'a box with %d in it is none, whichever number it is',
    (odd) => {
      for (let place = 0; place < 6; place += 1) {
        const spoilt = [32, 16, 32, 16, 0, 0.75];
        spoilt[place] = odd;
        const found = read([
          output('output0', [1, 6, 10], transposed([spoilt, BOXES[2] ?? [], ...FILLING, BOXES[1] ?? []])),
        ]);
        const others = [...found].filter((each) => JSON.stringify(each) !== JSON.stringify(FOUND[0]));
        // A class that is no number leaves the other class, which says 0.75, or nothing.
        expect(others).toEqual(place === 4 && !(odd > 0) ? [FOUND[1]] : []);
      }
    },
  );

  test.each<Refused>([
    [
      [output('o', [1, 84, 10])],
      { num_classes: 3 },
      'NN_CONFIG_INVALID',
      /num_classes is 3; .*o \[1, 84, 10\]/,
    ],
    [[output('o', [1, 4, 3])], {}, 'NN_MODEL_INVALID', /four numbers for the box/],
    [[output('o', [10])], {}, 'NN_MODEL_INVALID', /its outputs are o \[10\]/],
    [[output('o', [1, 38, 10]), output('protos', [1, 32, 4, 4])], {}, 'NN_MODEL_INVALID', /segments/],
    [[], {}, 'NN_MODEL_INVALID', /its outputs are none/],
  ])('outputs %j with %j are refused', (outputs, nn_config, code, message) => {
    expect(() => read(outputs, nn_config)).toThrow(error(code, message));
  });
});

describe('grids with anchors', () => {
  const logit = (share: number) => Math.log(share / (1 - share));
  const anchors = [8, 16, 32, 16];
  const nn_config = { anchors, anchor_masks: { side2: [0, 1] }, num_classes: 1 };
  /** In cell (1, 0) of two by two with the second anchor: in the middle of the cell, as large as the anchor. */
  const found = { label: 0, coords: [0.5, 0.125, 1, 0.375] };
  /** x, y, w, h, objectness, class, for an anchor and cells; what is not named is surely no object. */
  const NOTHING = [0, 0, 0, 0, -20, -20];

  function grid(box: readonly number[]): number[][] {
    return Array.from({ length: 8 }, (_, place) => (place === 4 + 1 ? [...box] : NOTHING));
  }

  const box = [0, 0, 0, 0, logit(0.9), logit(0.8)];

  test('[1, anchors × (5 + classes), height, width] is that of v3 and v4', () => {
    const rows = grid(box);
    const planes = [...transposed(rows.slice(0, 4)), ...transposed(rows.slice(4))];
    expect(read([output('grid', [1, 12, 2, 2], planes)], nn_config)).toEqual([
      { ...found, confidence: expect.closeTo(0.72) },
    ]);
  });

  test('in v3 and v4 the size of a box is exponential', () => {
    const rows = grid([0, 0, Math.log(0.5), Math.log(2), logit(0.9), logit(0.8)]);
    const planes = [...transposed(rows.slice(0, 4)), ...transposed(rows.slice(4))];
    expect(read([output('grid', [1, 12, 2, 2], planes)], nn_config)).toEqual([
      {
        label: 0,
        confidence: expect.closeTo(0.72),
        coords: [0.625, 0, 0.875, 0.5].map((each) => expect.closeTo(each)),
      },
    ]);
  });

  test('the numbers of a box may come last', () => {
    const rows = grid(box);
    const cells = [0, 1, 2, 3].flatMap((cell) => [...(rows[cell] ?? []), ...(rows[cell + 4] ?? [])]);
    const wide = { ...INPUT_64, width: 128, height: 64 };
    const config = parseModelConfig({
      type: 'YOLO',
      nn_config: { ...nn_config, anchor_masks: { side4: [0, 1] } },
    });
    const outputs = [output('grid', [1, 2, 4, 12], [...cells])];
    expect(createHead(config, wide, outputs)(outputs, { ...WHOLE_64, width: 128 }).detections).toHaveLength(
      1,
    );
  });

  test('[1, anchors, height, width, 5 + classes] is that of v5 and v7, with sizes up to four times the anchor', () => {
    const rows = grid([logit(0.25), 0, logit(0.25), logit(0.75), logit(0.9), logit(0.8)]);
    expect(read([output('grid', [1, 2, 2, 2, 6], rows.flat())], nn_config)).toEqual([
      {
        label: 0,
        confidence: expect.closeTo(0.72),
        // 32 × 0.25 wide and 16 × 2.25 high, around (32, 16): the centre may be as far as half a cell outside.
        coords: [28 / 64, 0, 36 / 64, 34 / 64].map((each) => expect.closeTo(each)),
      },
    ]);
  });

  test('an output named for YOLOv5 has been through the sigmoid', () => {
    const none = [0.5, 0.5, 0.5, 0.5, 0, 0];
    const rows = grid([0.5, 0.5, 0.5, 0.5, 0.9, 0.8]).map((row) => (row === NOTHING ? none : row));
    const planes = [...transposed(rows.slice(0, 4)), ...transposed(rows.slice(4))];
    expect(read([output('output1_yolov5', [1, 12, 2, 2], planes)], nn_config)).toEqual([
      { ...found, confidence: expect.closeTo(0.72) },
    ]);
  });

  test('without masks the finest grid has the first anchors', () => {
    const coarse = output('coarse', [1, 1, 1, 1, 6], box);
    const fine = output(
      'fine',
      [1, 1, 2, 2, 6],
      [0, 1, 2, 3].flatMap(() => NOTHING),
    );
    expect(read([coarse, fine], { anchors })).toEqual([
      { label: 0, confidence: expect.closeTo(0.72), coords: [0.25, 0.375, 0.75, 0.625] },
    ]);
  });

  test('NaN is no object', () => {
    const rows = [
      [Number.NaN, 0, 0, 0, 9, 9],
      [0, 0, 0, 0, Number.NaN, 9],
      [0, 0, Number.NaN, 0, 9, 9],
      [0, 0, 0, 0, 9, Number.NaN],
    ];
    expect(read([output('grid', [1, 1, 2, 2, 6], rows.flat())], { anchors: [8, 8] })).toEqual([]);
  });

  test.each<Refused>([
    [[output('g', [1, 12, 2, 2])], {}, 'NN_CONFIG_INVALID', /nn_config.anchors is absent/],
    [
      [output('g', [1, 12, 2, 2])],
      { anchors, anchor_masks: { side26: [0] } },
      'NN_CONFIG_INVALID',
      /\["side26"\].* side2/,
    ],
    [
      [output('g', [1, 12, 2, 2])],
      { ...nn_config, num_classes: 2 },
      'NN_CONFIG_INVALID',
      /num_classes is 2.* 2 anchors/,
    ],
    [[output('g', [1, 13, 2, 2])], { anchors }, 'NN_CONFIG_INVALID', /num_classes/],
    [[output('g', [1, 12, 3, 5])], { anchors }, 'NN_MODEL_INVALID', /no grid over an input of 64×64/],
    [[output('g', [1, 3, 2, 2, 6])], { anchors }, 'NN_CONFIG_INVALID', /2 anchors/],
  ])('outputs %j with %j are refused', (outputs, nn, code, message) => {
    expect(() => read(outputs, nn)).toThrow(error(code, message));
  });
});
