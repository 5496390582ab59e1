/*
 * Takes a picture whenever an input goes on, such as a light barrier, and names it by the time of the edge.
 *
 *     npx tsx automation.ts [URL [INPUT [FOLDER]]]
 *
 * INPUT is a digital input, such as di/1_01, or its alias, such as di/gate.
 */
import { on } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';

const [url = 'http://127.0.0.1:8080', input = 'di/1_01', folder = 'pictures'] = process.argv.slice(2);

function end(message: string): never {
  console.error(message);
  process.exit(1);
}

async function call(path: string): Promise<Response> {
  const response = await fetch(url + path).catch(() => end(`No service answers at ${url}.`));
  return response.ok ? response : end(`${path}: ${response.status} ${await response.text()}`);
}

/** What openapi/websocket.md says of events. */
interface Event {
  readonly dev: string;
  readonly circuit: string;
  readonly cause: string;
  readonly edge?: 'rising' | 'falling';
  /** Unix time in microseconds. */
  readonly wall_us: number;
}

await call(`/controller/${input}`);
await mkdir(folder, { recursive: true });
// The type is what /docs says of this answer.
const [camera] = (await (await call('/cameras/')).json()) as { mxid: string }[];
const still = `/cameras/${camera?.mxid}/streams/CAM_A/still`;

const messages = new WebSocket(`${url.replace('http', 'ws')}/controller/events?circuits=${input}`);
messages.on('error', ({ message }) => end(message));
for await (const [message] of on(messages, 'message', { close: ['close'] })) {
  for (const event of JSON.parse(message.toString()) as Event[]) {
    if (event.cause === 'snapshot') console.log('waiting for', event.dev, event.circuit);
    if (event.cause !== 'edge' || event.edge !== 'rising') continue;
    const picture = await call(still);
    const delayMs = Number(picture.headers.get('x-capture-time')) * 1000 - event.wall_us / 1000;
    const microseconds = `${event.wall_us % 1_000_000}`.padStart(6, '0');
    const time = new Date(event.wall_us / 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
    const file = join(folder, `${time}.${microseconds}Z.jpeg`);
    await writeFile(file, Buffer.from(await picture.arrayBuffer()));
    console.log(`${file} taken ${delayMs.toFixed(0)} ms after the edge`);
  }
}
end('There are no more events.');
