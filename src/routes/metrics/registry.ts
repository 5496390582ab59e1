import { readdirSync } from 'node:fs';
import { Counter, Gauge, Registry } from 'prom-client';
import type { CameraInfo } from '../../hardware/cameras/camera.ts';
import { STREAM_STATES, type StreamStats } from '../../streams/stream-stats.ts';
import { addInference, type InferenceFigures } from './inference.ts';

/** One stream's figures at the moment of a scrape. */
export interface StreamFigures {
  readonly mxid: string;
  readonly sensor: string;
  /** `video` or `jpeg`. */
  readonly stream: string;
  readonly stats: StreamStats;
}

/** Where the figures come from; asked at each scrape. */
export interface MetricsSources {
  readonly version: string;
  readonly cameras: { cameras(): readonly CameraInfo[] };
  /** Every stream used since the service started. */
  readonly streamFigures: () => Iterable<StreamFigures>;
  /** Every deployed model. */
  readonly inferenceFigures: () => Iterable<InferenceFigures>;
}

/** A registry of its own, with nothing shared between two services in one process. */
export function createRegistry(sources: MetricsSources): Registry {
  const registry = new Registry();
  const registers = [registry];
  addProcess(registers);
  const build = new Gauge({
    name: 'vidicon_build_info',
    help: 'Always 1; the labels tell the version.',
    labelNames: ['version', 'node'],
    registers,
  });
  build.set({ version: sources.version, node: process.version }, 1);
  new Gauge({
    name: 'vidicon_cameras',
    help: 'Cameras present, by the driver that serves them.',
    labelNames: ['driver'],
    registers,
    collect() {
      this.reset();
      for (const { driver } of sources.cameras.cameras()) this.inc({ driver });
    },
  });
  addStreams(registers, sources.streamFigures);
  addInference(registers, sources.inferenceFigures);
  return registry;
}

/**
 * The usual process metrics under their usual names. prom-client's own set would measure the event loop every 10 ms
 * and observe each garbage collection, for as long as the process lives.
 */
function addProcess(registers: Registry[]): void {
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  counter('process_cpu_user_seconds_total', 'User CPU time in seconds.', () => process.cpuUsage().user / 1e6);
  counter(
    'process_cpu_system_seconds_total',
    'System CPU time in seconds.',
    () => process.cpuUsage().system / 1e6,
  );
  gauge('process_resident_memory_bytes', 'Resident memory in bytes.', () => process.memoryUsage.rss());
  gauge('process_open_fds', 'Open file descriptors.', () => readdirSync('/proc/self/fd').length);
  gauge('process_start_time_seconds', 'Unix time of the start.', () => Date.now() / 1000 - process.uptime());
  gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  gauge(
    'nodejs_eventloop_utilization_ratio',
    'Part of the time the event loop was busy, since the start.',
    () => {
      return performance.eventLoopUtilization().utilization;
    },
  );
}

type Figure = readonly [name: string, help: string, read: (stats: StreamStats) => number | undefined];

const sumOf = (stats: StreamStats, read: (reader: StreamStats['readers'][number]) => number): number =>
  stats.readers.reduce((sum, reader) => sum + read(reader), 0);

const COUNTERS: readonly Figure[] = [
  ['units_total', 'Access units made.', ({ units }) => units],
  ['bytes_total', 'Bytes of them.', ({ bytes }) => bytes],
  ['starts_total', 'Starts of the stream.', ({ starts }) => starts],
  ['restarts_total', 'Restarts of source or encoder after a failure.', ({ restarts }) => restarts],
  [
    'reader_lags_total',
    'Times a slow reader fell back to the newest sync sample.',
    (stats) => stats.readerLosses.lags,
  ],
  [
    'reader_units_dropped_total',
    'Access units that readers were too slow for.',
    (stats) => stats.readerLosses.unitsDropped,
  ],
];
const GAUGES: readonly Figure[] = [
  ['frame_rate', 'Access units per second over the last two seconds.', ({ frameRate }) => frameRate],
  ['bits_per_second', 'Bit rate over the last two seconds.', ({ bitrateKbps }) => bitrateKbps * 1000],
  ['width_pixels', 'Picture width.', ({ width }) => width],
  ['height_pixels', 'Picture height.', ({ height }) => height],
  ['pictures_captured', 'Pictures the running source has delivered.', (stats) => stats.picturesCaptured],
  ['pictures_lost', 'Pictures the running source has lost.', (stats) => stats.picturesLost],
  ['pictures_skipped', 'Pictures the running encoder had no time for.', (stats) => stats.picturesSkipped],
  ['gop_cache_bytes', 'Bytes kept for late readers.', ({ gopCache }) => gopCache.bytes],
  [
    'readers_queued_bytes',
    'Bytes waiting for the present readers.',
    (stats) => sumOf(stats, (r) => r.queuedBytes),
  ],
];

function addStreams(registers: Registry[], streamFigures: () => Iterable<StreamFigures>): void {
  const labelNames = ['mxid', 'sensor', 'stream'] as const;
  const each = (metric: Pick<Gauge, 'inc' | 'reset'>, read: Figure[2]): void => {
    metric.reset();
    for (const { stats, ...labels } of streamFigures()) {
      const value = read(stats);
      if (value !== undefined) metric.inc(labels, value);
    }
  };
  const add = (Metric: typeof Counter | typeof Gauge, [name, help, read]: Figure): void => {
    new Metric({
      name: `vidicon_stream_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        each(this, read);
      },
    });
  };
  for (const figure of COUNTERS) add(Counter, figure);
  for (const figure of GAUGES) add(Gauge, figure);
  new Gauge({
    name: 'vidicon_stream_state',
    help: '1 for the state the stream is in, 0 for the others.',
    labelNames: [...labelNames, 'state'],
    registers,
    collect() {
      this.reset();
      for (const { stats, ...labels } of streamFigures()) {
        for (const state of STREAM_STATES) this.set({ ...labels, state }, stats.state === state ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'vidicon_stream_readers',
    help: 'Present readers, by transport.',
    labelNames: [...labelNames, 'transport'],
    registers,
    collect() {
      this.reset();
      for (const { stats, ...labels } of streamFigures()) {
        for (const { transport } of stats.readers) this.inc({ ...labels, transport });
      }
    },
  });
}
