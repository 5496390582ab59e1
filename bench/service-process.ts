import { setTimeout as sleep } from 'node:timers/promises';
import { residentMb } from '../test/support/process-memory.ts';
import { Service, untilIdle } from '../test/support/service.ts';
import { VideoClient } from '../test/support/video-client.ts';
import { type Figure, ms, quantile } from './figure.ts';
import { cpuPercent } from './process-usage.ts';

/** As a service is by default, watching for Linux cameras; the simulated one is there whatever is found. */
const CAMERAS = { v4l2: { enabled: true }, simulated: { enabled: 'always' } };

/** From the start of the process to the line that names the URL. */
export async function startToListening(): Promise<Figure> {
  const samples: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedAt = performance.now();
    await using service = await Service.start({ config: { cameras: CAMERAS } });
    samples.push(performance.now() - startedAt);
    await service.stop();
  }
  const p50 = quantile(samples, 0.5);
  return {
    what: 'start → listening',
    measured: `median ${ms(p50)}, worst ${ms(Math.max(...samples))}`,
    budget: 'median ≤ 500 ms',
    isMet: p50 <= 500,
    values: { p50, worst: Math.max(...samples) },
  };
}

/** A service that nobody reads, after it has been used once. */
export async function idle(): Promise<Figure> {
  await using service = await Service.start({ config: { cameras: CAMERAS } });
  const client = new VideoClient(service.videoUrl());
  await client.more(10);
  client[Symbol.dispose]();
  await untilIdle(service);
  await sleep(10_000); // V8 tidies up once after the last reader has gone
  const [cpu, memory, children] = [
    await cpuPercent(service.pid, 10),
    residentMb(service.pid),
    service.children().length,
  ];
  return {
    what: 'idle, no readers',
    measured: `${children} child processes, ${cpu.toFixed(2)} % CPU, ${memory.toFixed(0)} MB RSS`,
    budget: 'no child process, < 0.5 % CPU, RSS ≤ 90 MB',
    isMet: children === 0 && cpu < 0.5 && memory <= 90,
    values: { cpuPercent: cpu, residentMb: memory, children },
  };
}
