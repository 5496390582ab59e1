import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/core/clock.ts';
import { PictureRenderer } from '../src/hardware/cameras/simulated/picture-renderer.ts';
import { EngineThreads, parseModelConfig } from '../src/inference/index.ts';
import { pictureSizeBytes, type RawPixelFormat } from '../src/media/picture.ts';
import { NnClient } from '../test/support/nn-client.ts';
import { brightSpotDetector } from '../test/support/onnx-graph.ts';
import { Service, SIMULATED_CAMERA } from '../test/support/service.ts';
import { VideoClient } from '../test/support/video-client.ts';
import { type Figure, ms, quantile } from './figure.ts';

const WARM_UP = 60;
const PICTURES = 300;
const FORMATS: readonly RawPixelFormat[] = ['NV12', 'YUYV'];

const CADENCE_PICTURES = 300;

/** What inference costs: each picture beside the model, and the video that goes on. */
export async function inference(): Promise<Figure[]> {
  return [...(await overhead()), await cadence()];
}

/** What a picture costs beside the model: preparing it, reading the output, and the way to the thread and back. */
async function overhead(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vidicon-bench-'));
  try {
    const file = join(folder, 'ball.onnx');
    writeFileSync(file, brightSpotDetector({ width: 320, height: 320, head: 'yolov8' }));
    const figures: Figure[] = [];
    for (const pixelFormat of FORMATS) figures.push(await overheadOf(file, pixelFormat));
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sample {
  readonly modelMs: number;
  readonly overheadMs: number;
  /** The way to the thread and back. */
  readonly queueMs: number;
}

async function overheadOf(file: string, pixelFormat: RawPixelFormat): Promise<Figure> {
  const samples = await measure(file, pixelFormat);
  const beside = samples.map(({ overheadMs, queueMs }) => overheadMs + queueMs);
  const [p50, p99] = [quantile(beside, 0.5), quantile(beside, 0.99)];
  const part = (of: keyof Sample) =>
    quantile(
      samples.map((sample) => sample[of]),
      0.5,
    );
  const [overhead, queue, model] = [part('overheadMs'), part('queueMs'), part('modelMs')];
  return {
    what: `inference beside the model, ${pixelFormat} 1280×720 → 320×320`,
    measured: `p50 ${ms(p50)} (in the thread ${ms(overhead)}, to it and back ${ms(queue)}), p99 ${ms(p99)}`,
    budget: 'p50 ≤ 3 ms, p99 ≤ 10 ms',
    isMet: p50 <= 3 && p99 <= 10,
    reference: `the model alone: p50 ${ms(model)}`,
    values: { p50, p99, overheadP50: overhead, queueP50: queue, modelP50: model },
  };
}

async function measure(file: string, pixelFormat: RawPixelFormat): Promise<Sample[]> {
  const size = { width: 1280, height: 720 };
  const format = { pixelFormat, ...size, frameInterval: { numerator: 1, denominator: 30 } };
  const renderer = new PictureRenderer(format, 'SIMULATED1 CAM_A', 1);
  const config = parseModelConfig({ type: 'YOLO', labels: ['ball'] });
  const { signal } = new AbortController();
  await using engine = await new EngineThreads(systemClock).open(file, config, { signal });
  const samples: Sample[] = [];
  for (let number = 0; number < WARM_UP + PICTURES; number += 1) {
    const data = new Uint8Array(pictureSizeBytes(format) ?? 0);
    renderer.render(data, number * 33_333, number);
    const startedAt = performance.now();
    const { modelUs, overheadUs, findings } = await engine.infer({ pixelFormat, ...size, data });
    const tookMs = performance.now() - startedAt;
    if (!Buffer.from(findings).includes('"label":0'))
      throw new Error(`The ball was not found in picture ${number}.`);
    const [modelMs, overheadMs] = [modelUs / 1000, overheadUs / 1000];
    samples.push({ modelMs, overheadMs, queueMs: tookMs - modelMs - overheadMs });
  }
  return samples.slice(WARM_UP);
}

interface Cadence {
  readonly perSecond: number;
  /** From capture to the client. */
  readonly p50: number;
  readonly p99: number;
}

/** Video without a model, and beside one that takes all that the processor has left. */
async function cadence(): Promise<Figure> {
  await using service = await Service.start();
  using video = new VideoClient(service.videoUrl());
  await video.more(60);
  const without = await cadenceOf(video);
  const path = `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/nn`;
  const form = new FormData();
  const model = brightSpotDetector({ width: 640, height: 640, head: 'yolov8' });
  form.append('model', new Blob([new Uint8Array(model)]), 'ball.onnx');
  form.append('config', JSON.stringify({ type: 'YOLO', labels: ['ball'] }));
  const answer = await service.fetch(path, { method: 'POST', body: form });
  if (answer.status !== 201) throw new Error(await answer.text());
  using results = new NnClient(service.url + path);
  await results.more(10);
  const from = results.results.length;
  const beside = await cadenceOf(video);
  const inferences = results.results.length - from;
  const stats = await service.json<{ inferenceMs: { p50: number }; overheadMs: { p50: number } }>(
    `${path}/stats`,
  );
  const text = ({ perSecond, p50, p99 }: Cadence): string =>
    `${perSecond.toFixed(1)} pictures/s, p50 ${ms(p50)}, p99 ${ms(p99)}`;
  const share = beside.perSecond / without.perSecond;
  return {
    what: 'video 720p30 beside a model of 640×640 at full speed',
    measured: `${text(beside)}; ${inferences} results, model p50 ${ms(stats.inferenceMs.p50)}, beside it ${ms(stats.overheadMs.p50)}`,
    budget: 'at least 98 % of the pictures',
    isMet: share >= 0.98,
    reference: `without a model: ${text(without)}`,
    values: {
      perSecond: beside.perSecond,
      p50: beside.p50,
      p99: beside.p99,
      referencePerSecond: without.perSecond,
      referenceP50: without.p50,
      referenceP99: without.p99,
      inferences,
    },
  };
}

async function cadenceOf(video: VideoClient): Promise<Cadence> {
  const from = video.fragments.length;
  await video.more(CADENCE_PICTURES);
  const fragments = video.fragments.slice(from);
  const seconds = ((fragments.at(-1)?.capturedWallUs ?? 0) - (fragments[0]?.capturedWallUs ?? 0)) / 1e6;
  const delays = fragments.map(
    ({ arrivedWallUs, capturedWallUs }) => (arrivedWallUs - capturedWallUs) / 1000,
  );
  return {
    perSecond: (fragments.length - 1) / seconds,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
  };
}
