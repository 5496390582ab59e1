import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import type { ChannelFeatures, Edge } from '../circuit.ts';
import type { DigitalInputSettings } from '../settings.ts';
import { DigitalInput } from './digital-input.ts';

const SETTINGS: DigitalInputSettings = {
  invert: false,
  count: 'rising',
  report: 'both',
  directSwitchMode: 'follow',
};

interface Options {
  readonly settings?: Partial<DigitalInputSettings>;
  readonly features?: ChannelFeatures;
  readonly initialCounter?: number;
  readonly clock?: FakeClock;
}

/** An input that starts at 0 unless `initial` says otherwise, and what it has told. */
function open({ settings, features = {}, initialCounter = 0, clock = new FakeClock() }: Options = {}) {
  const told: Edge[] = [];
  const counters: number[] = [];
  const changes: number[] = [];
  const input = new DigitalInput({
    settings: { ...SETTINGS, ...settings },
    features,
    clock,
    initialCounter,
    onEdge: (edge, counter) => {
      told.push(edge);
      counters.push(counter);
    },
    onChange: (value) => changes.push(value),
  });
  return { input, clock, told, counters, changes };
}

/** The start of the fake clock, in microseconds: edges are stamped relative to it. */
const START_US = 1_000_000_000;

function edge(direction: Edge['edge'], atUs: number, more: Partial<Edge> = {}): Edge {
  const timestampNs = BigInt(Math.round((START_US + atUs) * 1000));
  return { edge: direction, timestampNs, clock: 'monotonic', lineSequence: 1, lost: 0, ...more };
}

const stamps = (edges: readonly Edge[]) =>
  edges.map((one) => [one.edge, Number(one.timestampNs) / 1000 - START_US]);

describe('without debounce', () => {
  test('the first reading sets the value and makes no edge', () => {
    const { input, told, changes } = open();
    expect(input.value).toBeUndefined();
    input.reading(1, START_US);
    expect(input.value).toBe(1);
    expect(changes).toEqual([1]);
    expect(told).toEqual([]);
    expect(input.counter).toBe(0);
  });

  test('an edge is told as it came, with the counter after it', () => {
    const { input, told, counters, changes } = open({ initialCounter: 41 });
    input.reading(0, START_US);
    const rising = edge('rising', 10);
    input.edge(rising);
    expect(told).toEqual([rising]);
    expect(told[0]).toBe(rising);
    expect(counters).toEqual([42]);
    expect(changes).toEqual([0, 1]);
  });

  test('an inverted input falls when its line rises', () => {
    const { input, told } = open({ settings: { invert: true } });
    input.reading(0, START_US);
    expect(input.value).toBe(1);
    input.edge(edge('rising', 5000));
    input.edge(edge('falling', 6000));
    expect(stamps(told)).toEqual([
      ['falling', 5000],
      ['rising', 6000],
    ]);
    expect(input.counter).toBe(1);
    expect(input.value).toBe(1);
  });

  test.each([
    ['rising', 2, 3],
    ['falling', 1, 3],
    ['both', 3, 3],
    ['none', 0, 3],
  ] as const)('of two rising and one falling edge, count %s counts %i', (count, counted, reported) => {
    const { input, told } = open({ settings: { count } });
    input.edge(edge('rising', 0));
    input.edge(edge('falling', 1));
    input.edge(edge('rising', 2));
    expect(input.counter).toBe(counted);
    expect(told).toHaveLength(reported);
  });

  test.each([
    ['rising', ['rising', 'rising']],
    ['falling', ['falling']],
    ['none', []],
  ] as const)('report %s tells %j, and the value changes all the same', (report, expected) => {
    const { input, told, changes } = open({ settings: { report } });
    input.edge(edge('rising', 0));
    input.edge(edge('falling', 1));
    input.edge(edge('rising', 2));
    expect(told.map((one) => one.edge)).toEqual(expected);
    expect(changes).toEqual([1, 0, 1]);
  });

  test('the counter wraps after 2^32 - 1', () => {
    const { input, counters } = open({ initialCounter: 2 ** 32 - 1 });
    input.edge(edge('rising', 0));
    expect(counters).toEqual([0]);
  });

  test('counting can be switched off and set', () => {
    const { input } = open();
    input.setCounting(false);
    input.edge(edge('rising', 0));
    expect(input.counter).toBe(0);
    input.setCounting(true);
    input.setCounter(100);
    input.edge(edge('rising', 1));
    expect(input.counter).toBe(101);
  });

  test('two edges of one direction in a row both count, and the value stays right', () => {
    const { input, told, changes } = open();
    input.edge(edge('rising', 0));
    input.edge(edge('rising', 10, { lost: 1 }));
    expect(input.value).toBe(1);
    expect(input.counter).toBe(2);
    expect(input.lostEdges).toBe(1);
    expect(told).toHaveLength(2);
    expect(changes).toEqual([1]);
    input.edge(edge('falling', 20));
    expect(input.value).toBe(0);
  });

  test('what was lost before an edge that is not reported is told with the next that is', () => {
    const { input, told } = open({ settings: { report: 'rising' } });
    input.edge(edge('falling', 0, { lost: 3 }));
    input.edge(edge('rising', 1, { lost: 2 }));
    input.edge(edge('rising', 2));
    expect(told.map(({ lost }) => lost)).toEqual([5, 0]);
    expect(input.lostEdges).toBe(5);
  });
});

describe('readings', () => {
  test('one that differs makes a polled edge, stamped when it was taken', () => {
    const { input, told } = open();
    input.reading(0, START_US);
    input.reading(0, START_US + 1000);
    input.reading(1, START_US + 2000);
    input.reading(0, START_US + 3000);
    expect(stamps(told)).toEqual([
      ['rising', 2000],
      ['falling', 3000],
    ]);
    expect(told[0]).toMatchObject({ clock: 'polled', lineSequence: 0, lost: 0 });
    expect(input.counter).toBe(1);
  });

  test('one that was taken before the last edge is out of date', () => {
    const { input, told } = open({ features: { edges: true } });
    input.reading(0, START_US);
    input.edge(edge('rising', 5000));
    input.reading(0, START_US + 4990);
    input.reading(0, START_US + 5010);
    expect(input.value).toBe(1);
    expect(told).toHaveLength(1);
    input.reading(0, START_US + 10_000);
    expect(input.value).toBe(0);
  });

  test('where the stamps are of another clock, one taken before an edge was told is out of date', async () => {
    const { input, clock } = open({ features: { edges: true } });
    input.reading(0, START_US);
    await clock.advance(50);
    input.edge(edge('rising', 1.7e15, { clock: 'realtime' }));
    input.reading(0, START_US + 40_000);
    expect(input.value).toBe(1);
    input.reading(0, START_US + 60_000);
    expect(input.value).toBe(0);
  });

  test('an edge that a reading has told already is not told twice', () => {
    const { input, told } = open({ features: { edges: true } });
    input.reading(0, START_US);
    input.reading(1, START_US + 5000);
    input.edge(edge('rising', 4990));
    expect(input.counter).toBe(1);
    expect(told).toHaveLength(1);
    input.edge(edge('falling', 6000));
    input.edge(edge('rising', 7000));
    expect(input.counter).toBe(2);
    expect(told).toHaveLength(3);
  });

  test('a counter of the hardware replaces our own', () => {
    const { input, counters, clock } = open({ features: { counter: true } });
    input.reading(0, START_US, 1000);
    expect(input.counter).toBe(1000);
    input.reading(1, START_US + 100_000, 1500);
    expect(counters).toEqual([1500]);
    input.reading(1, START_US + 200_000, 2000);
    expect(input.counter).toBe(2000);
    expect(input.frequencyHz(clock.monotonicUs() + 200_000)).toBeCloseTo(5000);
    input.reading(1, START_US + 300_000, 0);
    expect(input.counter).toBe(0);
    expect(input.frequencyHz(clock.monotonicUs() + 300_000)).toBeCloseTo(5000);
  });
});

describe('software debounce', () => {
  const debounced = { debounceUs: 2000 };

  test('a bouncing contact is one edge, stamped when it first touched, told when it rests', async () => {
    const { input, clock, told, changes } = open({ settings: debounced });
    input.reading(0, START_US);
    input.edge(edge('rising', 0, { lineSequence: 7 }));
    input.edge(edge('falling', 300));
    input.edge(edge('rising', 500, { lost: 2 }));
    expect(input.value).toBe(0);
    await clock.advance(1.999);
    expect(told).toEqual([]);
    await clock.advance(0.001);
    expect(stamps(told)).toEqual([['rising', 0]]);
    expect(told[0]).toMatchObject({ lineSequence: 7, lost: 2 });
    expect(changes).toEqual([0, 1]);
    expect(input.counter).toBe(1);
  });

  test('a glitch shorter than the period is nothing', async () => {
    const { input, clock, told } = open({ settings: debounced });
    input.reading(0, START_US);
    input.edge(edge('rising', 0));
    input.edge(edge('falling', 1999));
    await clock.advance(100);
    expect(told).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    input.edge(edge('rising', 50_000));
    await clock.advance(2);
    expect(stamps(told)).toEqual([['rising', 50_000]]);
  });

  test('edges that come late in one batch are judged by their stamps, without waiting', () => {
    const { input, told } = open({ settings: debounced });
    input.reading(0, START_US);
    for (const [direction, atUs] of [
      ['rising', 0],
      ['falling', 3000],
      ['rising', 3500],
      ['falling', 3600],
      ['rising', 9000],
    ] as const) {
      input.edge(edge(direction, atUs));
    }
    expect(stamps(told)).toEqual([
      ['rising', 0],
      ['falling', 3000],
    ]);
  });

  test('the rest begins anew with every edge, with one timer for all', async () => {
    const { input, clock, told } = open({ settings: debounced });
    input.reading(0, START_US);
    for (let count = 0; count < 11; count += 1) {
      input.edge(edge(count % 2 === 0 ? 'rising' : 'falling', count * 1000));
      expect(clock.pendingTimers).toBe(1);
      await clock.advance(1);
    }
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(stamps(told)).toEqual([['rising', 0]]);
  });

  test('a reading begins a rest as an edge does', async () => {
    const { input, clock, told } = open({ settings: debounced });
    input.reading(0, START_US);
    input.reading(1, START_US + 1000);
    expect(told).toEqual([]);
    await clock.advance(2);
    expect(stamps(told)).toEqual([['rising', 1000]]);
  });

  test('a new period applies to what is pending; none tells it at once', async () => {
    const { input, clock, told } = open({ settings: debounced });
    input.reading(0, START_US);
    input.edge(edge('rising', 0));
    input.setDebounceUs(10_000);
    await clock.advance(9);
    expect(told).toEqual([]);
    input.setDebounceUs(0);
    expect(stamps(told)).toEqual([['rising', 0]]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('after a lost edge, the first edge that leaves the value carries the stamp', async () => {
    const { input, clock, told } = open({ settings: debounced });
    input.reading(1, START_US);
    input.edge(edge('rising', 0, { lost: 1 }));
    input.edge(edge('falling', 100));
    await clock.advance(2);
    expect(stamps(told)).toEqual([['falling', 100]]);
    expect(told[0]?.lost).toBe(1);
  });

  test('a timer that runs late waits for the edges behind it', async () => {
    const clock = new FakeClock();
    const { input, told } = open({ settings: debounced, clock });
    input.reading(0, START_US);
    const after = clock.after.bind(clock);
    clock.after = (delayMs, run) => after(delayMs + 10, run); // the event loop is busy for 10 ms
    input.edge(edge('rising', 0));
    clock.after = after;
    await clock.advance(12);
    expect(told).toEqual([]);
    input.edge(edge('falling', 1500));
    await clock.advance(5);
    expect(told).toEqual([]);
  });

  test('disposal ends the wait', async () => {
    const { input, clock, told } = open({ settings: debounced });
    input.reading(0, START_US);
    input.edge(edge('rising', 0));
    input[Symbol.dispose]();
    input[Symbol.dispose]();
    await clock.advance(10);
    expect(told).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('hardware that debounces is believed', () => {
    const { input, told } = open({ settings: debounced, features: { edges: true, debounce: true } });
    input.setDebounceUs(5000);
    expect(input.debounceUs).toBe(0);
    input.edge(edge('rising', 0));
    expect(told).toHaveLength(1);
  });
});

describe('frequency', () => {
  /** Edges of a square wave of `hz`, both directions, for `count` periods; ends at START_US. */
  function square(input: DigitalInput, hz: number, count: number): void {
    for (let period = count; period >= 0; period -= 1) {
      input.edge(edge('rising', (-period * 1e6) / hz));
      input.edge(edge('falling', (-period * 1e6) / hz));
    }
  }

  test.each([0.1, 1, 50, 1000, 50_000])('of a square wave of %d Hz is that', (hz) => {
    const { input, clock } = open();
    square(input, hz, 100);
    expect(input.frequencyHz(clock.monotonicUs())).toBeCloseTo(hz, 2);
  });

  test('is 0 before two edges, falls when the next is overdue, and ends at 0', () => {
    const { input } = open();
    input.edge(edge('rising', -1000));
    expect(input.frequencyHz(START_US)).toBe(0);
    square(input, 10, 40);
    expect(input.frequencyHz(START_US + 100_000)).toBeCloseTo(10);
    const later = [300_000, 1_000_000, 1_900_000].map((us) => input.frequencyHz(START_US + us));
    expect(later[0]).toBeCloseTo(1e6 / 300_000);
    expect(later[1]).toBeCloseTo(1);
    expect(input.frequencyHz(START_US + 2_100_000)).toBe(0);
  });

  test('begins anew after a silence', () => {
    const { input } = open();
    square(input, 10, 40);
    for (const atUs of [60e6, 60e6 + 1000, 60e6 + 2000]) input.edge(edge('rising', atUs));
    expect(input.frequencyHz(START_US + 60e6 + 2000)).toBeCloseTo(1000);
  });

  test('is of the last edges, not of all', () => {
    const { input, clock } = open();
    square(input, 1, 5);
    square(input, 1000, 40);
    expect(input.frequencyHz(clock.monotonicUs())).toBeCloseTo(1000);
  });
});

describe('properties', () => {
  const waveform = fc
    .array(fc.record({ gapUs: fc.integer({ min: 1, max: 5000 }), lost: fc.boolean() }), { maxLength: 200 })
    .map((steps) => {
      let atUs = 0;
      return steps.map(({ gapUs, lost }, place) => {
        atUs += gapUs;
        return { direction: place % 2 === 0 ? ('rising' as const) : ('falling' as const), atUs, lost };
      });
    });

  test('whatever was lost, value, counter and lost edges add up', () => {
    fc.assert(
      fc.property(waveform, (wave) => {
        const { input, told } = open({ settings: { count: 'both' } });
        input.reading(0, START_US);
        let lost = 0;
        for (const one of wave) {
          if (one.lost) {
            lost += 1;
            continue;
          }
          input.edge(edge(one.direction, one.atUs, { lost }));
          lost = 0;
          expect(input.value).toBe(one.direction === 'rising' ? 1 : 0);
        }
        expect(input.counter + input.lostEdges + lost).toBe(wave.length);
        expect(told.reduce((sum, { lost: between }) => sum + between + 1, lost)).toBe(wave.length);
      }),
    );
  });

  test('debouncing tells the same, edge by edge or in one batch, and never twice the same direction', async () => {
    await fc.assert(
      fc.asyncProperty(waveform, fc.integer({ min: 1, max: 4000 }), async (wave, debounceUs) => {
        const live = open({ settings: { debounceUs } });
        const batch = open({ settings: { debounceUs } });
        live.input.reading(0, START_US);
        batch.input.reading(0, START_US);
        for (const { direction, atUs } of wave) {
          await live.clock.advance(Math.max(0, START_US + atUs - live.clock.monotonicUs()) / 1000);
          live.input.edge(edge(direction, atUs));
          batch.input.edge(edge(direction, atUs));
        }
        await live.clock.advance(20);
        await batch.clock.advance(20);
        expect(stamps(live.told)).toEqual(stamps(batch.told));
        for (const [place, one] of live.told.entries()) {
          expect(one.edge).toBe(place % 2 === 0 ? 'rising' : 'falling');
        }
        expect(live.input.value).toBe(wave.length % 2);
      }),
      { numRuns: 30 },
    );
  });
});
