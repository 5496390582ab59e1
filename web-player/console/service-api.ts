import type { Circuit, CircuitDict } from './io-circuit.ts';

/** What the page reads of the service's REST answers. Fields of other services of this API may be missing. */
export interface Camera {
  readonly mxid: string;
  /** Where it is attached. */
  readonly name: string;
  readonly camera_name: string;
  readonly driver?: string;
  readonly sensors?: readonly { readonly name: string; readonly label: string }[];
}

export interface Health {
  readonly status: string;
  readonly version: string;
  readonly uptimeSeconds: number;
}

export interface StreamFigures {
  readonly state: string;
  readonly problem?: { readonly code: string; readonly message: string };
  readonly readers: readonly unknown[];
}

/** The list of streams in either of its forms, chosen by the service's configuration. */
export type StreamList =
  | Readonly<Record<string, { readonly active: boolean }>>
  | readonly { readonly name: string; readonly active: boolean }[];

/** A sensor as the page shows it. */
export interface Sensor {
  readonly mxid: string;
  /** `CAM_A`, … */
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  readonly cameraName: string;
  /** Where the camera is attached. */
  readonly path: string;
}

const TIMEOUT_MS = 5_000;

/** All sensors of all cameras, in the service's order. @throws when the service cannot be reached or refuses. */
export async function fetchSensors(): Promise<Sensor[]> {
  const cameras = await getJson<readonly Camera[]>('/cameras/');
  return (await Promise.all(cameras.map(sensorsOf))).flat();
}

/** @throws when the service cannot be reached or refuses. */
export function fetchHealth(): Promise<Health> {
  return getJson('/health');
}

/** @throws when the service cannot be reached or refuses. */
export function fetchFigures(sensor: Sensor): Promise<StreamFigures> {
  return getJson(`${streamPath(sensor)}/stats`);
}

/** Whether a model is deployed on the sensor. @throws when the service cannot be reached or refuses. */
export async function fetchHasModel(sensor: Sensor): Promise<boolean> {
  return (await getJson(`${streamPath(sensor)}/nn`)) !== null;
}

/** All circuits, in the service's order. @throws when the service cannot be reached or has none. */
export async function fetchCircuits(): Promise<readonly Circuit[]> {
  return (await getJson<{ readonly circuits: readonly Circuit[] }>('/controller/circuits')).circuits;
}

/**
 * Writes fields of a circuit.
 * @param key type and name: `do/valve`.
 * @returns the circuit as it was read back.
 * @throws with a message for people: why the service refused, or that it did not answer.
 */
export async function writeCircuit(
  key: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<CircuitDict> {
  const response = await fetch(`/controller/${key.split('/').map(encodeURIComponent).join('/')}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error('The service did not answer.', { cause });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new Error(refusal(answer) ?? `The service answered ${response.status}.`);
  return answer as CircuitDict; // the service's documented answer
}

/** Path of a sensor's stream; video, still, mjpeg and stats are below it. */
export function streamPath({ mxid, name }: Sensor): string {
  return `/cameras/${encodeURIComponent(mxid)}/streams/${encodeURIComponent(name)}`;
}

/** Names of the streams that can be opened. */
export function activeStreams(list: StreamList): string[] {
  const entries = Array.isArray(list)
    ? list.map(({ name, active }) => [name, active] as const)
    : mapEntries(list);
  return entries.filter(([, active]) => active).map(([name]) => name);
}

async function sensorsOf(camera: Camera): Promise<Sensor[]> {
  const names =
    camera.sensors?.map(({ name }) => name) ??
    activeStreams(await getJson<StreamList>(`/cameras/${encodeURIComponent(camera.mxid)}/streams/`));
  return names.map((name) => {
    const label = camera.sensors?.find((sensor) => sensor.name === name)?.label;
    return {
      mxid: camera.mxid,
      name,
      title: label || camera.camera_name || camera.mxid,
      cameraName: camera.camera_name,
      path: camera.name,
    };
  });
}

/** Why, in the words of a problem (RFC 9457). */
function refusal(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined;
  const { detail, title }: { readonly detail?: unknown; readonly title?: unknown } = problem;
  return [detail, title].find((text): text is string => typeof text === 'string');
}

function mapEntries(list: StreamList): (readonly [string, boolean])[] {
  return Object.entries(list).map(([name, { active }]) => [name, active] as const);
}

async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS), cache: 'no-store' });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as T; // the service's documented answer
}
