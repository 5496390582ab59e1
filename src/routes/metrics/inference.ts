import { Counter, Gauge, type Registry } from 'prom-client';
import { ENGINE_STATES, type InferenceStats } from '../../inference/index.ts';

/** One model's figures at the moment of a scrape. */
export interface InferenceFigures {
  readonly mxid: string;
  readonly sensor: string;
  readonly stats: InferenceStats;
}

const LABELS = ['mxid', 'sensor'] as const;

const COUNTERS = {
  results: 'Results of the model.',
  dropped: 'Pictures left out because the model was busy, or for its fps.',
  errors: 'Pictures on which the model failed.',
  skipped: 'Results that readers were too slow for.',
  reloads: 'Times the model was loaded anew because it failed.',
} as const;

const PARTS = { model: 'inferenceMs', overhead: 'overheadMs', queue: 'queueMs' } as const;
const QUANTILES = { '0.5': 'p50', '0.95': 'p95', '1': 'max' } as const;

/** Adds what is known of the deployed models; asked at each scrape. */
export function addInference(registers: Registry[], figures: () => Iterable<InferenceFigures>): void {
  for (const name of keysOf(COUNTERS)) {
    new Counter({
      name: `vidicon_inference_${name}_total`,
      help: COUNTERS[name],
      labelNames: LABELS,
      registers,
      collect() {
        this.reset();
        for (const { stats, ...labels } of figures()) this.inc(labels, stats[name]);
      },
    });
  }
  gauge('readers', 'Clients that read results.', [], function* (stats) {
    yield [{}, stats.readers];
  });
  gauge('state', '1 for the state the model is in, 0 for the others.', ['state'], function* (stats) {
    for (const state of ENGINE_STATES) yield [{ state }, stats.state === state ? 1 : 0];
  });
  gauge(
    'seconds',
    'Of the last 1000 pictures: time of the runtime (model), of all else (overhead), age at the start (queue).',
    ['part', 'quantile'],
    function* (stats) {
      for (const part of keysOf(PARTS)) {
        const durations = stats[PARTS[part]];
        if (durations === undefined) continue;
        for (const quantile of keysOf(QUANTILES)) {
          yield [{ part, quantile }, durations[QUANTILES[quantile]] / 1000];
        }
      }
    },
  );

  function gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: (stats: InferenceStats) => Iterable<readonly [Record<string, string>, number]>,
  ): void {
    new Gauge({
      name: `vidicon_inference_${name}`,
      help,
      labelNames: [...LABELS, ...labelNames],
      registers,
      collect() {
        this.reset();
        for (const { stats, ...labels } of figures()) {
          for (const [more, value] of read(stats)) this.set({ ...labels, ...more }, value);
        }
      },
    });
  }
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[]; // a constant table has no other keys
}
