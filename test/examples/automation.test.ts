import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jpegSize } from '../conformance/robopipe/image.ts';
import { decode } from '../support/decode.ts';
import { EventsClient } from '../support/events-client.ts';
import { Example, hasPackages } from '../support/example.ts';
import { Service } from '../support/service.ts';

let service: Service;

beforeAll(async () => {
  service = await Service.start({
    config: {
      io: { simulated: { enabled: 'always' } },
      streams: { capture: { width: 640, height: 360, frameRate: 15 } },
    },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** Writes the output that is wired to the input. */
async function write(value: 0 | 1): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ value });
  const answer = await service.fetch('/controller/do/1_01', { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
}

/** As the file's name has it: microseconds, without a float's doubt about the last of them. */
function named(wallUs: number): string {
  const seconds = new Date(wallUs / 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${seconds}.${String(wallUs % 1_000_000).padStart(6, '0')}Z.jpeg`;
}

describe.each([
  { file: 'automation.py', canRun: hasPackages('requests', 'websockets') },
  { file: 'automation.ts', canRun: true },
])('$file', ({ file, canRun }) => {
  test.skipIf(!canRun)("saves a picture named by the edge's time", { timeout: 90_000 }, async () => {
    await write(0);
    await using example = new Example(file, {}, service.url, 'di/1_01', 'out');
    using events = new EventsClient(service.url, '?circuits=di/1_01');
    await example.line(/waiting for di 1_01/);
    await events.until(({ messages }) => messages.length > 0, 'The snapshot');
    await write(1);
    const edge = await events.event({ cause: 'edge', edge: 'rising' });
    const line = await example.line(/taken/);
    const [picture] = readdirSync(join(example.folder, 'out'));
    expect(picture).toBe(named(Number(edge['wall_us'])));
    expect(line).toContain(picture);
    const bytes = readFileSync(join(example.folder, 'out', picture ?? ''));
    expect(jpegSize(bytes)).toEqual({ width: 640, height: 360 });
    expect(decode(bytes)).toEqual({ pictures: 1, complaints: '' });
    expect(Number(/taken (-?\d+) ms/.exec(line)?.[1])).toBeGreaterThan(0);
  });
});
