import type { Service } from '../../support/service.ts';

/** Something the service remembers. */
export interface Remembered {
  readonly name: string;
  readonly path: string;
  /** What is set for the n-th time. */
  readonly body: (n: number) => Readonly<Record<string, unknown>>;
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

/** What is set while the power is lost: counters, which are kept in one document, and a camera's control in another. */
export async function remembered(service: Service): Promise<readonly Remembered[]> {
  const [camera] = await service.json<{ mxid: string }[]>('/cameras/');
  const counters = INPUTS.map((name): Remembered => {
    return { name: `di/${name}`, path: `/controller/di/${name}`, body: (n) => ({ counter: n }) };
  });
  const control = `/cameras/${camera?.mxid}/streams/CAM_A/control`;
  return [...counters, { name: 'contrast', path: control, body: (n) => ({ contrast: (n % 21) - 10 }) }];
}
