import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Service, untilIdle } from '../test/support/service.ts';
import { VideoClient } from '../test/support/video-client.ts';
import { type Figure, ms, quantile } from './figure.ts';

/** From a client's connect to its first fragment when nothing runs. */
export async function firstReader(): Promise<Figure> {
  await using service = await Service.start();
  const samples: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const startedAt = performance.now();
    using client = new VideoClient(service.videoUrl());
    await client.more(1);
    samples.push(performance.now() - startedAt);
    client[Symbol.dispose]();
    await untilIdle(service);
  }
  const reference = await ffmpegStarts();
  const [p50, theirs] = [quantile(samples, 0.5), quantile(reference, 0.5)];
  return {
    what: 'first reader → first fragment, cold',
    measured: `median ${ms(p50)}, worst ${ms(Math.max(...samples))}`,
    budget: 'median ≤ 200 ms',
    isMet: p50 <= 200,
    reference: `ffmpeg alone, spawn to first byte: ${ms(theirs)} (ratio ${(p50 / theirs).toFixed(2)})`,
    values: { p50, worst: Math.max(...samples), reference: theirs },
  };
}

async function ffmpegStarts(): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const startedAt = performance.now();
    const encode = [
      '-frames:v',
      '1',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-f',
      'nut',
      '-',
    ];
    const child = spawn('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=1280x720:r=30',
      ...encode,
    ]);
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    samples.push(performance.now() - startedAt);
    await ended;
  }
  return samples;
}

/** From a later client's connect to its first bytes, against waiting for the next sync sample. GOP of 2 s. */
export async function laterReader(): Promise<Figure> {
  await using service = await Service.start();
  using first = new VideoClient(service.videoUrl());
  await first.more(60);
  const toBytes: number[] = [];
  const toSync: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    await sleep(100 + round * 170);
    const startedAt = performance.now();
    using later = new VideoClient(service.videoUrl());
    await later.more(1);
    toBytes.push((later.messages[0]?.atMs ?? Number.NaN) - startedAt);
    const live = first.fragments.length;
    await first.until(({ fragments }) => fragments.slice(live).some(({ isSync }) => isSync), 'A sync sample');
    toSync.push(performance.now() - startedAt);
  }
  const [p50, waiting] = [quantile(toBytes, 0.5), quantile(toSync, 0.5)];
  return {
    what: 'later reader → first bytes, GOP 2 s',
    measured: `median ${ms(p50)}, worst ${ms(Math.max(...toBytes))}`,
    budget: 'median ≤ 10 ms',
    isMet: p50 <= 10,
    reference: `waiting for a sync sample: median ${ms(waiting)}`,
    values: { p50, worst: Math.max(...toBytes), waiting },
  };
}
