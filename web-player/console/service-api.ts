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

function mapEntries(list: StreamList): (readonly [string, boolean])[] {
  return Object.entries(list).map(([name, { active }]) => [name, active] as const);
}

async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS), cache: 'no-store' });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as T; // the service's documented answer
}
