import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeCodedUnit, fakeConfig } from '../../test/support/fake-media.ts';
import { Timeline } from './timeline.ts';

test('the first unit has PTS 0 and time follows the capture clock', () => {
  const timeline = new Timeline(33_333);
  timeline.configure(fakeConfig());
  const first = timeline.place(fakeCodedUnit(5_000_000, true), 0);
  const later = timeline.place(fakeCodedUnit(6_000_000, false), 0);
  expect(first).toMatchObject({ ptsTicks: 0, dtsTicks: 0, sequence: 1, isSync: true, durationTicks: 3000 });
  expect(later).toMatchObject({ ptsTicks: 90_000, sequence: 2 });
});

test('the PTS of a picture is known from its capture time alone, from the first unit on', () => {
  const timeline = new Timeline(33_333);
  timeline.configure(fakeConfig());
  expect(timeline.ticksAt(5_000_000)).toBeUndefined();
  timeline.place(fakeCodedUnit(5_000_000, true), 0);
  expect(timeline.ticksAt(5_033_333)).toBe(timeline.place(fakeCodedUnit(5_033_333, false), 0)?.ptsTicks);
  expect(timeline.ticksAt(4_999_999)).toBeUndefined();
});

test('units before a sync sample are left out, at the start and after each configuration', () => {
  const timeline = new Timeline(33_333);
  expect(timeline.place(fakeCodedUnit(0, true), 0)).toBeUndefined();
  timeline.configure(fakeConfig());
  expect(timeline.place(fakeCodedUnit(1, false), 0)).toBeUndefined();
  expect(timeline.place(fakeCodedUnit(2, true), 0)).toBeDefined();
  timeline.configure(fakeConfig());
  expect(timeline.place(fakeCodedUnit(3, false), 0)).toBeUndefined();
});

test('an encoder that starts anew with the same configuration keeps the epoch and the timeline', () => {
  const timeline = new Timeline(33_333);
  timeline.configure(fakeConfig(1));
  timeline.place(fakeCodedUnit(0, true), 0);
  const before = timeline.track;
  timeline.configure(fakeConfig(1));
  expect(timeline.track).toBe(before);
  expect(timeline.place(fakeCodedUnit(2_000_000, true), 0)).toMatchObject({ ptsTicks: 180_000 });
  timeline.configure(fakeConfig(2));
  expect(timeline.track?.epoch).toBe(2);
});

test.each([0.5, 1, 10, 60])('durations follow a source of %d pictures per second', (rate) => {
  const timeline = new Timeline(33_333);
  timeline.configure(fakeConfig());
  const stepUs = 1e6 / rate;
  const durations = Array.from(
    { length: 40 },
    (_, n) => timeline.place(fakeCodedUnit(n * stepUs, true), 0)?.durationTicks ?? 0,
  );
  expect(durations.at(-1)).toBeGreaterThan(0.95 * (90_000 / rate));
  expect(Math.max(...durations)).toBeLessThan(1.05 * Math.max(3000, 90_000 / rate));
});

test("a pause is nobody's duration", () => {
  const timeline = new Timeline(33_333);
  timeline.configure(fakeConfig());
  for (const timeUs of [0, 33_333, 66_666, 20_000_000, 20_033_333]) {
    expect(timeline.place(fakeCodedUnit(timeUs, true), 0)?.durationTicks).toBe(3000);
  }
});

test('decoding times rise strictly and never exceed presentation times, whatever the source says', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ pts: fc.integer(), dts: fc.integer() })), (times) => {
      const timeline = new Timeline(33_333);
      timeline.configure(fakeConfig());
      let last = -1;
      for (const { pts, dts } of times) {
        const unit = timeline.place({ data: new Uint8Array(1), ptsUs: pts, dtsUs: dts, isSync: true }, 0);
        expect(unit?.dtsTicks).toBeGreaterThan(last);
        expect(unit?.ptsTicks).toBeGreaterThanOrEqual(unit?.dtsTicks ?? 0);
        expect(unit?.durationTicks).toBeGreaterThan(0);
        last = unit?.dtsTicks ?? last;
      }
    }),
  );
});
