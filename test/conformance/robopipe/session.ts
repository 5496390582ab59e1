/** The origin of a page that uses the API; every request has it. */
const PAGE = 'http://studio.example';
const PATIENCE_MS = 30_000;

/** ONNX models for the facts about inference, as their files' bytes; facts whose model is absent are skipped. */
export interface Models {
  /** Any model with a picture as its input and floats as its output. */
  readonly generic?: Uint8Array;
  /** A detector with a YOLO head and at most as many classes as `yoloClasses`. */
  readonly yolo?: Uint8Array;
  readonly yoloClasses?: number;
  /** A detector with an SSD head. */
  readonly mobileNet?: Uint8Array;
}

/** A service started for one fact, with variables of the environment. */
export type StartService = (
  environment: Readonly<Record<string, string>>,
) => Promise<AsyncDisposable & { readonly url: string }>;

export interface SessionOptions {
  readonly models?: Models;
  /** Absent when the service is somebody else's: facts about its start are skipped then. */
  readonly start?: StartService;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** What the facts work on: a service, and the camera and stream that they use. */
export class Session {
  /** Without a slash at its end. */
  readonly url: string;
  readonly mxid: string;
  /** Names of the camera's active streams; the facts use the first. */
  readonly streams: readonly [string, ...string[]];
  readonly streamList: 'object' | 'array';
  readonly models: Models;
  readonly start: StartService | undefined;
  /** Requests whose answers a page could not have read. */
  readonly withoutCors: string[] = [];
  readonly #kept = new Map<string, unknown>();

  private constructor(
    url: string,
    found: Pick<Session, 'mxid' | 'streams' | 'streamList'>,
    options: SessionOptions,
  ) {
    this.url = url;
    this.mxid = found.mxid;
    this.streams = found.streams;
    this.streamList = found.streamList;
    this.models = options.models ?? {};
    this.start = options.start;
  }

  /** Finds the first camera and its active streams. @throws Error when there are none, or nobody answers. */
  static async open(baseUrl: string, options: SessionOptions = {}): Promise<Session> {
    const url = baseUrl.replace(/\/+$/, '');
    const get = async (path: string): Promise<unknown> => {
      const response = await fetch(url + path, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(
        (error) => {
          throw new Error(`${url} does not answer: ${error.cause?.message ?? error.message}`);
        },
      );
      return parsed(await response.text());
    };
    const cameras = await get('/cameras/');
    const mxid = Array.isArray(cameras) ? field(cameras[0], 'mxid') : undefined;
    if (typeof mxid !== 'string')
      throw new Error(`${url}/cameras/ names no camera: ${JSON.stringify(cameras)}`);
    const list = await get(`/cameras/${mxid}/streams/`);
    const [first, ...others] = activeStreams(list);
    if (first === undefined) throw new Error(`Camera ${mxid} has no active stream: ${JSON.stringify(list)}`);
    const streamList = Array.isArray(list) ? 'array' : 'object';
    return new Session(url, { mxid, streams: [first, ...others], streamList }, options);
  }

  /** `{mxid}`, `{stream}` and `{other}`, the camera's second stream, stand for what was found. */
  filled(template: string): string {
    return template
      .replaceAll('{mxid}', this.mxid)
      .replaceAll('{stream}', this.streams[0])
      .replaceAll('{other}', this.streams[1] ?? 'NONE');
  }

  /** The same path at the service's WebSockets. */
  socketUrl(template: string): string {
    return this.url.replace(/^http/, 'ws') + this.filled(template);
  }

  /** Never follows a redirection: a service that redirects loses the bodies of many clients. */
  async request(template: string, init: RequestInit = {}): Promise<Answer> {
    const path = this.filled(template);
    const response = await fetch(this.url + path, {
      ...init,
      headers: { origin: PAGE, ...init.headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { status, headers } = response;
    if (!['*', PAGE].includes(headers.get('access-control-allow-origin') ?? ''))
      this.withoutCors.push(`${init.method ?? 'GET'} ${path}: ${status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    return { status, headers, bytes, text, json: parsed(text) };
  }

  /** A POST as Studio sends it. */
  postJson(template: string, body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.request(template, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Keeps what a later fact needs. */
  keep(name: string, value: unknown): void {
    this.#kept.set(name, value);
  }

  kept(name: string): unknown {
    return this.#kept.get(name);
  }
}

/** A property of what may be no object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Names of the active streams, in either form of the list. */
export function activeStreams(list: unknown): string[] {
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(list)
    ? list.map((entry) => [field(entry, 'name'), entry])
    : Object.entries(list ?? {});
  return entries.flatMap(([name, entry]) => {
    return typeof name === 'string' && field(entry, 'active') === true ? [name] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
