import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fragment } from './fragment.ts';
import { DURATION_STRETCH, MediaTimeline, stretchDuration } from './media-timeline.ts';
import { fragment as fragmentBytes, initSegment } from './test-segments.ts';
import { WireReader } from './wire-reader.ts';

const TIMESCALE = 90_000;
const TICKS = 3_000;
const PICTURE_S = TICKS / TIMESCALE;

function fragmentAt(decodeTicks: number, compositionTicks = 0): Fragment {
  return {
    kind: 'fragment',
    bytes: new Uint8Array(),
    decodeTicks,
    presentationTicks: decodeTicks + compositionTicks,
    durationTicks: TICKS,
    isSync: true,
    capturedWallMs: undefined,
    durationAt: undefined,
  };
}

test("the first fragment starts the element's time at 0, wherever the stream is", () => {
  const timeline = new MediaTimeline();
  expect(timeline.place(fragmentAt(9_000_000), TIMESCALE)).toMatchObject({ startS: 0, offsetS: -100 });
  expect(timeline.place(fragmentAt(9_003_000), TIMESCALE).startS).toBeCloseTo(PICTURE_S);
});

test('uneven capture times are kept as they are', () => {
  const timeline = new MediaTimeline();
  timeline.place(fragmentAt(0), TIMESCALE);
  const placement = timeline.place(fragmentAt(4_321), TIMESCALE);
  expect(placement).toEqual({ startS: 4_321 / TIMESCALE, offsetS: 0, isShifted: false });
});

test('a pause of the camera is closed', () => {
  const timeline = new MediaTimeline();
  timeline.place(fragmentAt(0), TIMESCALE);
  const afterPause = timeline.place(fragmentAt(10 * TIMESCALE), TIMESCALE);
  expect(afterPause.startS).toBeCloseTo(DURATION_STRETCH * PICTURE_S);
  expect(afterPause.isShifted).toBe(true);
});

test('a stream that starts again at 0 continues behind the old one', () => {
  const timeline = new MediaTimeline();
  timeline.place(fragmentAt(900_000), TIMESCALE);
  expect(timeline.continues(fragmentAt(0), TIMESCALE)).toBe(false);
  expect(timeline.place(fragmentAt(0), TIMESCALE).startS).toBeCloseTo(DURATION_STRETCH * PICTURE_S);
});

test('reordered pictures stay in one piece', () => {
  const timeline = new MediaTimeline();
  const starts = [0, 6_000, -3_000, -3_000].map((composition, index) =>
    timeline.place(fragmentAt(index * TICKS, composition + TICKS), TIMESCALE),
  );
  expect(starts.map(({ isShifted }) => isShifted)).toEqual([true, false, false, false]);
  expect(new Set(starts.map(({ offsetS }) => offsetS)).size).toBe(1);
});

test('whatever the times are, fragments never step back and never leave a gap', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 40), { minLength: 2, maxLength: 50 }), (times) => {
      const timeline = new MediaTimeline();
      let previousS = Number.NEGATIVE_INFINITY;
      for (const ticks of times) {
        const { startS } = timeline.place(fragmentAt(ticks), TIMESCALE);
        expect(startS).toBeGreaterThan(previousS);
        if (previousS >= 0)
          expect(startS - previousS).toBeLessThanOrEqual(DURATION_STRETCH * PICTURE_S + 1e-6);
        previousS = startS;
      }
    }),
  );
});

test('a fragment is stretched in place, unless its pictures are reordered', () => {
  const reader = new WireReader();
  reader.read(initSegment());
  const durationAfter = (compositionTicks: number): number | undefined => {
    const bytes = fragmentBytes({ durationTicks: TICKS, compositionTicks });
    const segment = reader.read(bytes);
    if (segment?.kind === 'fragment') stretchDuration(segment);
    const again = reader.read(bytes);
    return again?.kind === 'fragment' ? again.durationTicks : undefined;
  };
  expect(durationAfter(0)).toBe(TICKS * DURATION_STRETCH);
  expect(durationAfter(TICKS)).toBe(TICKS);
});
