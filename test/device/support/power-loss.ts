import { constantModel } from '../../support/onnx-graph.ts';
import type { Service } from '../../support/service.ts';

/** Something the service remembers. */
export interface Remembered {
  readonly name: string;
  readonly path: string;
  /** What sets it for the n-th time. */
  readonly request: (n: number) => RequestInit;
  /** What is read back then, among other things. */
  readonly values: (n: number) => Readonly<Record<string, unknown>>;
}

const INPUTS = ['door', 'motion', 'button', 'tamper'];

/** The configuration of a service that loses its power, and of the one after it. */
export function powerLossConfig(stateFolder: string) {
  const di = Object.fromEntries(INPUTS.map((name) => [name, { name: name.toUpperCase() }]));
  return {
    cameras: { v4l2: { enabled: true }, simulated: { enabled: 'never' } },
    state: { folder: stateFolder },
    io: {
      drivers: { header: { kind: 'gpio', chip: 'lab-gpio', di, do: { relay: { name: 'RELAY' } } } },
      circuits: { do: { relay: { startUp: 1 } } },
    },
  };
}

/** What is set while the power is lost: counters, which are kept in one document, and documents of a camera. */
export async function remembered(service: Service): Promise<readonly Remembered[]> {
  const [camera] = await service.json<{ mxid: string }[]>('/cameras/');
  const sensor = `/cameras/${camera?.mxid}/streams/CAM_A`;
  return [
    ...INPUTS.map((name) => document(`di/${name}`, `/controller/di/${name}`, (n) => ({ counter: n }))),
    document('contrast', `${sensor}/control`, (n) => ({ contrast: (n % 21) - 10 })),
    document('stills', `${sensor}/config`, (n) => ({ still_size: [320 + n, 240] })),
    { name: 'model', path: `${sensor}/nn`, request: deployment, values: modelConfig },
  ];
}

function document(
  name: string,
  path: string,
  values: (n: number) => Readonly<Record<string, unknown>>,
): Remembered {
  const headers = { 'content-type': 'application/json' };
  return {
    name,
    path,
    request: (n) => ({ method: 'POST', headers, body: JSON.stringify(values(n)) }),
    values,
  };
}

const modelConfig = (n: number) => ({ type: 'Generic', labels: [`model ${n}`] });

function deployment(n: number): RequestInit {
  const model = constantModel({ number: { type: 'float32', shape: [1], values: [n] } });
  const body = new FormData();
  body.set('config', JSON.stringify(modelConfig(n)));
  body.set('model', new Blob([new Uint8Array(model)]), 'model.onnx');
  return { method: 'POST', body };
}
