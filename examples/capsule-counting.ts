/*
 * Counts what a detector finds, and lights an LED while there is enough of it.
 *
 *     npx tsx capsule-counting.ts MODEL.onnx [URL [ENOUGH [LED]]]
 *
 * MODEL is a YOLO detector of one class, exported to ONNX.
 */
import { on } from 'node:events';
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';

const [model, url = 'http://127.0.0.1:8080', enough = '50', circuit = '1_01'] = process.argv.slice(2);

function end(message: string): never {
  console.error(message);
  process.exit(1);
}

async function call(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url + path, init).catch(() => end(`No service answers at ${url}.`));
  return response.ok ? response : end(`${path}: ${response.status} ${await response.text()}`);
}

if (model === undefined) end('usage: npx tsx capsule-counting.ts MODEL.onnx [URL [ENOUGH [LED]]]');
// The types are what /docs says of these answers.
const [camera] = (await (await call('/cameras/')).json()) as { mxid: string }[];
const nn = `/cameras/${camera?.mxid}/streams/CAM_A/nn`;

const config = {
  type: 'YOLO',
  nn_config: { num_classes: 1, coordinate_size: 4, confidence_threshold: 0.5 },
};
const form = new FormData();
form.set('model', new Blob([await readFile(model)]), model);
form.set('config', JSON.stringify(config));
await call(nn, { method: 'POST', body: form });

let isLit: boolean | undefined;
const results = new WebSocket(url.replace('http', 'ws') + nn);
results.on('error', ({ message }) => end(message));
for await (const [message] of on(results, 'message', { close: ['close'] })) {
  const { detections } = JSON.parse(message.toString()) as { detections: object[] };
  if (detections.length >= Number(enough) === isLit) continue;
  isLit = detections.length >= Number(enough);
  const answer = await call(`/controller/led/${circuit}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value: isLit }),
  });
  const led = (await answer.json()) as { circuit: string; value: number };
  console.log(`${detections.length} of ${enough}: LED ${led.circuit} is ${led.value}`);
}
end('There are no more results.');
