import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { systemClock } from '../src/core/clock.ts';
import { StateFolder } from '../src/core/state-folder.ts';
import { openBoard } from '../src/hardware/io/board/index.ts';
import { DescriptorThread } from '../src/hardware/io/descriptors/index.ts';
import { openLed } from '../src/hardware/io/drivers/led/index.ts';
import { type EventObject, EventsClient } from '../test/support/events-client.ts';
import { Service } from '../test/support/service.ts';
import { type Figure, ms, quantile } from './figure.ts';

const WRITES = 500;
const EDGES = 60_000;

const nowUs = (): number => systemClock.monotonicUs();
/** When an edge happened, CLOCK_MONOTONIC in microseconds. */
const stampUs = (event: EventObject): number => Number(BigInt(String(event['timestamp_ns'])) / 1000n);

/**
 * From the sending of a REST write to the change of the line, and from the change to the event in a client's socket,
 * over the simulated board, whose output 1_01 is wired to input 1_01. The times of HTTP are within the first.
 */
export async function writesAndEdges(): Promise<Figure[]> {
  await using service = await Service.start();
  using client = new EventsClient(service.url, '?circuits=di/1_01');
  await client.until(({ messages }) => messages.length > 0, 'The snapshot');
  const arrivals = new Map<EventObject, number>();
  client.socket.on('message', () => {
    for (const event of client.messages.at(-1) ?? []) arrivals.set(event, nowUs());
  });
  const toLine: number[] = [];
  const toClient: number[] = [];
  for (let index = 1; index <= WRITES; index += 1) {
    const sentUs = nowUs();
    await service.json('/controller/do/1_01', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"value":${index % 2}}`,
    });
    await client.until(({ events }) => events.length >= index, 'The edge');
    const event = client.events.at(-1) ?? {};
    toLine.push((stampUs(event) - sentUs) / 1000);
    toClient.push(((arrivals.get(event) ?? 0) - stampUs(event)) / 1000);
  }
  const [line50, line99] = [quantile(toLine, 0.5), quantile(toLine, 0.99)];
  const [client50, client99] = [quantile(toClient, 0.5), quantile(toClient, 0.99)];
  return [
    {
      what: 'REST write → line changed, HTTP included',
      measured: `p50 ${ms(line50)}, p99 ${ms(line99)}`,
      budget: 'p50 ≤ 1 ms inside the service',
      isMet: line50 <= 1,
      values: { p50: line50, p99: line99 },
    },
    {
      what: 'edge → event in the client',
      measured: `p50 ${ms(client50)}, p99 ${ms(client99)}`,
      budget: 'p50 ≤ 2 ms',
      reference: 'evok polls at 20 ms',
      isMet: client50 <= 2,
      values: { p50: client50, p99: client99 },
    },
  ];
}

/** Edges of a GPIO line, 1000 per second for a minute, to a client of the events socket; every one must arrive. */
export async function edgesOfAMinute(): Promise<Figure> {
  const service = fork(join(import.meta.dirname, 'edge-service.ts'), [String(EDGES), '1000'], {
    execArgv: ['--import', 'tsx'],
  });
  try {
    const [port] = (await once(service, 'message')) as [number]; // its first message
    using client = new EventsClient(`http://127.0.0.1:${port}`);
    await client.until(({ messages }) => messages[0]?.[0]?.['health'] === 'ok', 'The snapshot');
    const delays: number[] = [];
    let missed = 0;
    let outOfOrder = 0;
    const done = new Promise<void>((resolve) => {
      client.socket.on('message', (data: Buffer) => {
        const arrivedUs = nowUs();
        const events = JSON.parse(data.toString()) as readonly EventObject[]; // the service's messages are lists
        for (const event of events) {
          if (event['cause'] !== 'edge') continue;
          delays.push((arrivedUs - stampUs(event)) / 1000);
          if (event['line_seq'] !== delays.length) outOfOrder += 1;
          missed += Number(event['missed'] ?? 0) + Number(event['lost'] ?? 0);
        }
        if (delays.length >= EDGES) resolve();
      });
    });
    service.send('begin');
    await Promise.race([done, sleep(120_000)]);
    const lost = Math.max(EDGES - delays.length, missed);
    const [p50, p99] = [quantile(delays, 0.5), quantile(delays, 0.99)];
    return {
      what: `${EDGES} edges at 1 kHz to a client`,
      measured: `${lost} lost, ${outOfOrder} out of order, p50 ${ms(p50)}, p99 ${ms(p99)}`,
      budget: 'none lost, p50 ≤ 2 ms',
      isMet: lost === 0 && outOfOrder === 0 && p50 <= 2,
      values: { lost, p50, p99 },
    };
  } finally {
    service.kill('SIGKILL');
  }
}

/** What 64 circuits cost while nothing happens: LEDs of the kernel's LED class, in a folder that stands for /sys. */
export async function idleCircuits(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'vidicon-bench-'));
  try {
    const names = Array.from({ length: 64 }, (_, index) => `led${index}`);
    for (const name of names) {
      const led = join(folder, 'class/leds', name);
      mkdirSync(led, { recursive: true });
      for (const [file, text] of Object.entries({ brightness: '0', max_brightness: '1', trigger: '[none]' }))
        writeFileSync(join(led, file), `${text}\n`);
    }
    const config = { kind: 'led' as const, led: Object.fromEntries(names.map((name) => [name, { name }])) };
    const log = pino({ level: 'silent' });
    await using descriptors = new DescriptorThread();
    const shared = { clock: systemClock, log, descriptors, roots: { sys: folder, dev: '/dev' } };
    await using _board = await openBoard(
      [
        {
          name: 'leds',
          kind: 'led',
          open: (services) => openLed('leds', config, { ...shared, ...services }),
        },
      ],
      {
        clock: systemClock,
        log,
        state: new StateFolder(join(folder, 'state')),
        circuits: { di: {}, do: {}, ro: {}, led: {}, owpower: {}, ai: {}, sensor: {}, ao: {}, register: {} },
        interlocks: {},
      },
    );
    await sleep(2000);
    const before = process.cpuUsage();
    const startedUs = nowUs();
    await sleep(10_000);
    const { user, system } = process.cpuUsage(before);
    const percent = ((user + system) / (nowUs() - startedUs)) * 100;
    return {
      what: '64 idle circuits',
      measured: `${percent.toFixed(2)} % of a core`,
      budget: '< 0.5 %',
      isMet: percent < 0.5,
      values: { percent },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
