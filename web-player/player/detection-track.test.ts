import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DetectionTrack } from './detection-track.ts';
import type { Detection, DetectionsResult } from './detections-message.ts';

const PICTURE_S = 1 / 30;
const HALF_S = PICTURE_S / 2;

/** A box of a tenth of the picture with its left edge at x. */
function box(x: number, label = 0): Detection {
  return { label, confidence: 0.9, coords: [x, 0.4, x + 0.1, 0.5] };
}

function result(ptsS: number, ...boxes: Detection[]): DetectionsResult {
  const message = { detections: boxes, pts: ptsS * 90_000, timescale: 90_000 };
  return { message, ptsS, latencyMs: undefined, boxes, verdict: undefined };
}

function trackOf(...results: DetectionsResult[]): DetectionTrack {
  const track = new DetectionTrack();
  for (const each of results) track.push(each, 0);
  return track;
}

const lefts = ({ boxes }: { readonly boxes: readonly Detection[] }) => boxes.map(({ coords }) => coords[0]);

test('a picture shows its own result, whatever others have come meanwhile', () => {
  const track = trackOf(...[0, 1, 2, 3].map((picture) => result(picture * PICTURE_S, box(picture / 10))));
  for (const picture of [0, 1, 2, 3]) {
    const shown = track.at(picture * PICTURE_S + 0.001, HALF_S, 50);
    expect(shown).toEqual({ boxes: [box(picture / 10)], verdict: undefined, isOwn: true });
  }
});

test('between two results an object moves evenly', () => {
  const track = trackOf(result(1, box(0.2)), result(1.2, box(0.3)));
  const shown = track.at(1.05, HALF_S, 0);
  expect(shown.isOwn).toBe(false);
  expect(shown.boxes[0]?.coords[0]).toBeCloseTo(0.225);
  expect(shown.boxes[0]?.coords[2]).toBeCloseTo(0.325);
});

test('behind the newest result an object goes on with its speed for 200 ms, and is gone after 300', () => {
  const track = trackOf(result(1, box(0.2)), result(1.1, box(0.25)));
  expect(lefts(track.at(1.2, HALF_S, 0))[0]).toBeCloseTo(0.3);
  expect(lefts(track.at(1.3, HALF_S, 0))[0]).toBeCloseTo(0.35);
  expect(lefts(track.at(1.39, HALF_S, 0))[0]).toBeCloseTo(0.35);
  expect(lefts(track.at(1.41, HALF_S, 0))).toEqual([]);
});

test('without an earlier result an object stays where it was seen', () => {
  expect(lefts(trackOf(result(1, box(0.2))).at(1.1, HALF_S, 0))).toEqual([0.2]);
  expect(lefts(trackOf(result(0.5, box(0.1)), result(1, box(0.2))).at(1.1, HALF_S, 0))).toEqual([0.2]);
});

test('results that are 300 ms apart are not joined', () => {
  const track = trackOf(result(1, box(0.2)), result(1.4, box(0.3)));
  expect(lefts(track.at(1.2, HALF_S, 0))).toEqual([0.2]);
  expect(lefts(track.at(1.35, HALF_S, 0))).toEqual([]);
});

test('objects are followed by label, the nearest first; far ones are others', () => {
  const track = trackOf(
    result(1, box(0.1), box(0.2), box(0.5, 1), box(0.9, 2)),
    result(1.1, box(0.22), box(0.12), box(0.5, 1), box(0.1, 2)),
  );
  const shown = lefts(track.at(1.2, HALF_S, 0));
  for (const [index, left] of [0.24, 0.14, 0.5, 0.1].entries()) expect(shown[index]).toBeCloseTo(left);
});

test('an object of constant speed is drawn where it is, at whatever rate results come', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      (every, speed) => {
        const place = (ptsS: number) => 0.45 + speed * ptsS;
        const track = trackOf(
          ...[0, 1, 2].map((index) =>
            result(index * every * PICTURE_S, box(place(index * every * PICTURE_S))),
          ),
        );
        for (let picture = 0; picture <= 3 * every; picture++) {
          const ptsS = picture * PICTURE_S;
          expect(track.at(ptsS, 0.001, 0).boxes[0]?.coords[0]).toBeCloseTo(place(ptsS));
        }
      },
    ),
  );
});

test('each result is told once, in order, and not before its picture', () => {
  const track = trackOf(result(1, box(0.1)), result(1.1, box(0.2)), result(1.2, box(0.3)));
  track.at(1.1, HALF_S, 0);
  const told = track.tell(1.1, HALF_S);
  expect(told.map(({ result }) => result.ptsS)).toEqual([1, 1.1]);
  expect(told.map(({ wasOnItsPicture }) => wasOnItsPicture)).toEqual([false, true]);
  expect(track.tell(1.1, HALF_S)).toEqual([]);
  track.push(result(1.25), 0);
  expect(track.tell(2, HALF_S).map(({ result }) => result.ptsS)).toEqual([1.2, 1.25]);
});

test('a timeline that begins anew forgets the old one', () => {
  const track = trackOf(result(100, box(0.1)), result(0, box(0.2)));
  expect(lefts(track.at(100, HALF_S, 0))).toEqual([]);
  expect(lefts(track.at(0, HALF_S, 0))).toEqual([0.2]);
});

test('of results that nobody shows, 120 are kept and none for more than two seconds', () => {
  const track = trackOf(...Array.from({ length: 500 }, (_, index) => result(index, box(index / 1000))));
  expect(track.at(379, HALF_S, 0).isOwn).toBe(false);
  expect(track.at(380, HALF_S, 2_000).isOwn).toBe(true);
  expect(track.at(499, HALF_S, 2_001).boxes).toEqual([]);
});
