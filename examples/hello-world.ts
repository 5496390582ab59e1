/*
 * Pictures of a camera, and what a model sees in them.
 *
 *     npx tsx hello-world.ts [URL [MODEL.onnx]]
 */
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { WebSocket } from 'ws';

const [url = 'http://127.0.0.1:8080', model] = process.argv.slice(2);

function end(message: string): never {
  console.error(message);
  process.exit(1);
}

async function call(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url + path, init).catch(() => end(`No service answers at ${url}.`));
  return response.ok ? response : end(`${path}: ${response.status} ${await response.text()}`);
}
/** @typeParam T what /docs says of this answer. */
const json = async <T>(path: string, init?: RequestInit) => (await (await call(path, init)).json()) as T;

const cameras = await json<{ mxid: string; camera_name: string; state: string }[]>('/cameras/');
for (const { mxid, camera_name, state } of cameras) console.log(mxid, camera_name, state);
const streamList = `/cameras/${cameras[0]?.mxid}/streams`;
const streams = await json<Record<string, object> | { name: string }[]>(streamList);
const name = Array.isArray(streams) ? streams[0]?.name : Object.keys(streams)[0];
const stream = `${streamList}/${name}`;

// Only the field that changes is sent; the answer is the whole configuration.
const config = await json<{ still_size: number[] }>(`${stream}/config`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ still_size: [200, 200] }),
});
console.log('stream', name, 'still size', config.still_size);

await mkdir('data', { recursive: true });
for (let number = 0; number < 3; number += 1) {
  const still = await call(`${stream}/still`);
  await writeFile(`data/${number}.jpeg`, Buffer.from(await still.arrayBuffer()));
  console.log(`data/${number}.jpeg`, 'taken at', still.headers.get('x-capture-time'));
}

if (model !== undefined) {
  const form = new FormData();
  form.set('model', new Blob([await readFile(model)]), model);
  form.set('config', JSON.stringify({ type: 'Generic' }));
  await call(`${stream}/nn`, { method: 'POST', body: form });
  const results = new WebSocket(`${url.replace('http', 'ws')}${stream}/nn`);
  results.on('error', ({ message }) => end(message));
  for (let count = 0; count < 5; count += 1) {
    const [message] = await once(results, 'message');
    console.log('result', JSON.parse(message.toString()).detections);
  }
  results.close();
  await call(`${stream}/nn`, { method: 'DELETE' });
}
