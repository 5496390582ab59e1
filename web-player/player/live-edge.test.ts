import { expect, test } from 'vitest';
import { LiveEdge } from './live-edge.ts';

const PICTURE_MS = 1000 / 30;

/**
 * A stream of 30 pictures a second, played by a clock that obeys.
 * @param jitterMs how much later than on time the n-th picture arrives.
 */
class Playback {
  readonly edge = new LiveEdge();
  readonly rates: number[] = [];
  seeks = 0;
  nowMs = 5_000;
  #currentMs: number;
  #ptsMs = 0;
  #rate = 1;
  readonly #jitterMs: (picture: number) => number;

  constructor(behindMs: number, jitterMs: (picture: number) => number = () => 0) {
    this.#currentMs = -behindMs;
    this.#jitterMs = jitterMs;
    this.edge.join(this.nowMs);
  }

  /** Reserve of a picture that would arrive on time now. */
  get reserveMs(): number {
    return this.#ptsMs - this.#currentMs;
  }

  run(seconds: number): void {
    for (let picture = 0; picture < seconds * 30; picture++) {
      this.nowMs += PICTURE_MS;
      this.#currentMs += PICTURE_MS * this.#rate;
      this.#ptsMs += PICTURE_MS;
      const lateMs = this.#jitterMs(picture);
      const action = this.edge.observe(this.#ptsMs, this.#currentMs + lateMs, this.nowMs + lateMs);
      if (action.kind === 'rate') this.#rate = action.rate;
      if (action.kind === 'seek') {
        this.seeks += 1;
        this.#currentMs = this.#ptsMs;
      }
      this.rates.push(this.#rate);
    }
  }
}

test.each([550, 150, -100])(
  'from %i ms behind, playback settles at the edge without overshooting',
  (behindMs) => {
    const playback = new Playback(behindMs);
    playback.run(10);
    expect(playback.reserveMs).toBeGreaterThanOrEqual(16);
    expect(playback.reserveMs).toBeLessThan(26);
    expect(playback.seeks).toBe(0);
  },
);

test('at the edge the rate is exactly 1', () => {
  const playback = new Playback(150);
  playback.run(10);
  expect(new Set(playback.rates.slice(-150))).toEqual(new Set([1]));
});

test('the rate stays within its limits: 1.3 for joining, then 0.95 to 1.1', () => {
  const playback = new Playback(500);
  playback.run(10);
  expect(Math.max(...playback.rates)).toBeLessThanOrEqual(1.3);
  const joined = playback.rates.findIndex((rate) => rate < 1.3);
  expect(joined).toBeLessThan(90);
  expect(Math.max(...playback.rates.slice(joined))).toBeLessThanOrEqual(1.1);
  expect(Math.min(...playback.rates)).toBeGreaterThanOrEqual(0.95);
});

test('jitter is given the reserve it needs', () => {
  const playback = new Playback(300, (picture) => (picture % 4) * 20);
  playback.run(10);
  // Pictures that are 60 ms late still come before their turn.
  expect(playback.reserveMs - 60).toBeGreaterThanOrEqual(16);
  expect(playback.reserveMs - 60).toBeLessThan(26);
});

test('a single hiccup changes nothing', () => {
  const playback = new Playback(100, (picture) => (picture === 200 ? 80 : 0));
  playback.run(10);
  expect(new Set(playback.rates.slice(150))).toEqual(new Set([1]));
});

test('far behind the edge it seeks, and gives the seek time', () => {
  const playback = new Playback(5_000);
  playback.run(0.5);
  expect(playback.seeks).toBe(0);
  playback.run(10);
  expect(playback.seeks).toBe(1);
});

test('a stop of the clock raises the target for a while', () => {
  const { edge } = new Playback(0);
  const calmMs = edge.targetMs(0);
  edge.underflow(0, 10_000); // the edge has been reached
  edge.underflow(0, 20_000);
  expect(edge.targetMs(20_000)).toBeGreaterThan(calmMs);
  edge.underflow(0, 20_100); // the same disturbance
  expect(edge.targetMs(20_100)).toBeLessThan(calmMs + 10);
  expect(edge.targetMs(60_000)).toBe(calmMs);
});

test('a clock that stops at every picture, and falls behind them, is held', () => {
  const { edge } = new Playback(0);
  const actions = [0, 33, 66, 99, 132, 165].map((ms) => edge.underflow(ms, 10_000 + ms).kind);
  expect(actions).toEqual(['none', 'none', 'none', 'none', 'none', 'hold']);
});

test('a clock that stops at every picture, beside it, is left alone', () => {
  const { edge } = new Playback(0);
  const actions = Array.from({ length: 30 }, (_, stop) => edge.underflow(20, 10_000 + stop * 40).kind);
  expect(actions).toEqual(actions.map(() => 'none'));
});

test('after a hold playback hurries to the edge, however lately the clock stopped', () => {
  const { edge } = new Playback(0);
  for (const stop of [0, 33, 66, 99]) edge.underflow(200, 10_000 + stop);
  edge.join(10_300);
  expect(edge.observe(500, 0, 10_333)).toEqual({ kind: 'rate', rate: 1.3 });
});
