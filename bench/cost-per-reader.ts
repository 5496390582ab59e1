import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { residentMb } from '../test/support/process-memory.ts';
import { Service, SIMULATED_CAMERA } from '../test/support/service.ts';
import { VideoClient } from '../test/support/video-client.ts';
import type { Figure } from './figure.ts';
import { cpuPercent } from './process-usage.ts';

const READERS = 200;
const SECONDS = 10;

interface Cost {
  readonly cpuPercent: number;
  readonly memoryMb: number;
}

/** Processor time and memory of one more WebSocket reader, 30 fps at about 4 Mbit/s. */
export async function costPerReader(): Promise<Figure> {
  await using service = await Service.start({
    config: {
      streams: {
        maxReaders: READERS + 10,
        capture: { width: 640, height: 360, frameRate: 30 },
        encoder: { quality: 8, gopLength: 1 },
      },
    },
  });
  const ours = await costOf(service.pid, service.videoUrl(), READERS);
  using client = new VideoClient(service.videoUrl());
  await client.more(90);
  const { bitrateKbps } = await service.json<{ bitrateKbps: number }>(
    `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/stats`,
  );
  const theirs = await copyingServer(Math.round((bitrateKbps * 1000) / 8 / 30));
  return {
    what: `one WebSocket reader of ${READERS}, 30 fps × ${(bitrateKbps / 1000).toFixed(1)} Mbit/s`,
    measured: `${ours.cpuPercent.toFixed(3)} % of a core, ${ours.memoryMb.toFixed(3)} MB`,
    budget: '≤ 0.04 % of a core, ≤ 0.1 MB',
    isMet: ours.cpuPercent <= 0.04 && ours.memoryMb <= 0.1,
    reference: `a server that copies for each reader: ${theirs.cpuPercent.toFixed(3)} %, ${theirs.memoryMb.toFixed(3)} MB`,
    values: {
      ...ours,
      referenceCpuPercent: theirs.cpuPercent,
      referenceMemoryMb: theirs.memoryMb,
      bitrateKbps,
    },
  };
}

/** Compares one reader with many more, read by another process. */
async function costOf(pid: number, url: string, readers: number): Promise<Cost> {
  using _first = await new VideoClient(url).until(
    ({ messages }) => messages.length > 60,
    'The first pictures',
  );
  const base = { cpu: await cpuPercent(pid, SECONDS), memory: residentMb(pid) };
  const swarm = fork(join(import.meta.dirname, 'reader-swarm.ts'), [url, String(readers)], {
    execArgv: ['--import', 'tsx'],
  });
  await once(swarm, 'message');
  await cpuPercent(pid, 3); // let the bursts of joining pass
  const cpu = await cpuPercent(pid, SECONDS);
  const memory = residentMb(pid);
  swarm.kill();
  await once(swarm, 'exit');
  return { cpuPercent: (cpu - base.cpu) / readers, memoryMb: (memory - base.memory) / readers };
}

async function copyingServer(bytes: number): Promise<Cost> {
  const server = fork(join(import.meta.dirname, 'copying-server.ts'), [String(bytes)], {
    execArgv: ['--import', 'tsx'],
  });
  const [port] = (await once(server, 'message')) as [number]; // the server's only message
  const url = `ws://127.0.0.1:${port}`;
  const base = { cpu: await cpuPercent(server.pid ?? 0, 3), memory: residentMb(server.pid ?? 0) };
  const swarm = fork(join(import.meta.dirname, 'reader-swarm.ts'), [url, String(READERS)], {
    execArgv: ['--import', 'tsx'],
  });
  await once(swarm, 'message');
  const cpu = await cpuPercent(server.pid ?? 0, SECONDS);
  const memory = residentMb(server.pid ?? 0);
  for (const child of [swarm, server]) {
    child.kill();
    await once(child, 'exit');
  }
  return { cpuPercent: (cpu - base.cpu) / READERS, memoryMb: (memory - base.memory) / READERS };
}
