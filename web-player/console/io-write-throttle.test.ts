import { expect, test } from 'vitest';
import { WriteThrottle } from './io-write-throttle.ts';

/** A throttle with its clock, and a service that answers when told to. */
function setUp() {
  let nowMs = 0;
  let timers: { atMs: number; run: () => void }[] = [];
  const sent: { value: number; atMs: number }[] = [];
  const answers: (() => void)[] = [];
  const idle: number[] = [];
  const throttle = new WriteThrottle<number>(
    (value) => {
      sent.push({ value, atMs: nowMs });
      return new Promise<void>((resolve) => answers.push(resolve));
    },
    () => idle.push(nowMs),
    { now: () => nowMs, after: (ms, run) => timers.push({ atMs: nowMs + ms, run }) },
  );
  const answer = async () => {
    answers.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  const advance = (ms: number) => {
    nowMs += ms;
    const due = timers.filter(({ atMs }) => atMs <= nowMs);
    timers = timers.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
  };
  return { throttle, sent, idle, answer, advance };
}

test('the first value goes at once, the newest of those that follow a tenth of a second later', async () => {
  const { throttle, sent, idle, answer, advance } = setUp();
  throttle.push(1);
  throttle.push(2);
  throttle.push(3);
  await answer();
  expect(sent).toEqual([{ value: 1, atMs: 0 }]);
  advance(99);
  expect(sent).toHaveLength(1);
  throttle.push(4);
  advance(1);
  expect(sent.at(-1)).toEqual({ value: 4, atMs: 100 });
  expect(idle).toEqual([]);
  await answer();
  expect(idle).toEqual([100]);
  expect(throttle.isIdle).toBe(true);
});

test('a slow service is given one write at a time, and the last value always', async () => {
  const { throttle, sent, answer, advance } = setUp();
  throttle.push(1);
  for (let value = 2; value <= 50; value++) {
    advance(20);
    throttle.push(value);
  }
  expect(sent).toHaveLength(1);
  await answer();
  expect(sent.map(({ value }) => value)).toEqual([1, 50]);
});

test('a second of movement is about ten writes', async () => {
  const { throttle, sent, answer, advance } = setUp();
  for (let ms = 0; ms <= 1000; ms += 10) {
    throttle.push(ms);
    await answer();
    advance(10);
  }
  await answer();
  advance(100);
  expect(sent.length).toBeGreaterThanOrEqual(9);
  expect(sent.length).toBeLessThanOrEqual(12);
  expect(sent.at(-1)?.value).toBe(1000);
});
