import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PictureRenderer } from '../src/hardware/cameras/simulated/picture-renderer.ts';
import { openEngine, parseModelConfig } from '../src/inference/index.ts';
import { pictureSizeBytes, type RawPixelFormat } from '../src/media/picture.ts';
import { brightSpotDetector } from '../test/support/onnx-graph.ts';
import { type Figure, ms, quantile } from './figure.ts';

const WARM_UP = 60;
const PICTURES = 300;
const FORMATS: readonly RawPixelFormat[] = ['NV12', 'YUYV'];

/** What a picture costs beside the model: preparing it, reading the output, and the way to the thread and back. */
export async function inferenceOverhead(): Promise<Figure[]> {
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
  await using engine = await openEngine(file, config, { signal: new AbortController().signal });
  const samples: Sample[] = [];
  for (let number = 0; number < WARM_UP + PICTURES; number += 1) {
    const data = new Uint8Array(pictureSizeBytes(format) ?? 0);
    renderer.render(data, number * 33_333, number);
    const startedAt = performance.now();
    const { modelUs, overheadUs, detections } = await engine.infer({ pixelFormat, ...size, data });
    const tookMs = performance.now() - startedAt;
    if (detections.length !== 1) throw new Error(`The ball was not found in picture ${number}.`);
    const [modelMs, overheadMs] = [modelUs / 1000, overheadUs / 1000];
    samples.push({ modelMs, overheadMs, queueMs: tookMs - modelMs - overheadMs });
  }
  return samples.slice(WARM_UP);
}
