import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { PATIENCE } from './patience.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/vidicon.js');

/** A simulated camera alone, at sizes that a busy machine encodes in real time. */
export const SIMULATED_CAMERA = 'SIMULATED1';

export interface ServiceOptions {
  /** The configuration file's content; `server.port` is chosen by the system, `state.folder` is a new one. */
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
}

/** A running service process, as its users have it. */
export class Service implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly url: string;
  readonly #folder: string;
  readonly #lines: string[];
  readonly #requests: { readonly at: Date; readonly what: string; count: number }[] = [];

  private constructor(process: ChildProcess, url: string, folder: string, lines: string[]) {
    this.process = process;
    this.url = url;
    this.#folder = folder;
    this.#lines = lines;
  }

  /** Starts the built service and waits until it names its URL. */
  static async start({ config = {}, env = {} }: ServiceOptions = {}): Promise<Service> {
    const folder = mkdtempSync(join(tmpdir(), 'vidicon-test-'));
    const file = join(folder, 'config.yaml');
    const server = { host: '127.0.0.1', port: 0, ...(config['server'] as object | undefined) };
    const cameras = {
      v4l2: { enabled: false },
      simulated: { enabled: 'always' },
      ...(config['cameras'] as object),
    };
    const state = { folder: join(folder, 'state'), ...(config['state'] as object | undefined) };
    writeFileSync(file, stringify({ ...config, server, cameras, state }));
    const child = spawn(process.execPath, [MAIN, 'serve', '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOST: '', PORT: '', CORS_ORIGINS: '', ...env },
    });
    const lines: string[] = [];
    const url = await new Promise<string>((found, failed) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          lines.push(line);
          const match = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
          if (match) found(match[0]);
        });
      }
      child.once('exit', (code) => failed(new Error(`The service ended with ${code}:\n${lines.join('\n')}`)));
    });
    return new Service(child, url, folder, lines);
  }

  /** Everything the service has written, line by line. */
  get log(): readonly string[] {
    return this.#lines;
  }

  /** What was asked of it and how it answered, with times as in its log. */
  get requests(): readonly string[] {
    return this.#requests.map(({ at, what, count }) => {
      return `${at.toISOString()} ${what}${count > 1 ? ` (${count} times)` : ''}`;
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** The WebSocket address of a sensor's video. */
  videoUrl(sensor = 'CAM_A', mxid = SIMULATED_CAMERA): string {
    return `${this.url.replace('http', 'ws')}/camera/${mxid}/streams/${sensor}/video`;
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const at = new Date();
    const response = await fetch(this.url + path, init);
    const what = `${init?.method ?? 'GET'} ${path}: ${response.status}`;
    const last = this.#requests.at(-1);
    if (last?.what === what) last.count += 1;
    else this.#requests.push({ at, what, count: 1 });
    return response;
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await this.fetch(path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T; // what a route answers is the test's to check
  }

  /** Process ids of the service's children, as the kernel knows them. */
  children(): number[] {
    return readdirSync(`/proc/${this.pid}/task`).flatMap((thread) => {
      const list = contentOf(`/proc/${this.pid}/task/${thread}/children`).trim();
      return list === '' ? [] : list.split(' ').map(Number);
    });
  }

  openFds(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  threads(): number {
    return readdirSync(`/proc/${this.pid}/task`).length;
  }

  /** Sends SIGTERM and waits for the end. */
  async stop(): Promise<{ code: number | null; tookMs: number }> {
    const started = performance.now();
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      await ended;
    }
    return { code: this.process.exitCode, tookMs: performance.now() - started };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A file of /proc as text; empty when what it tells of has just ended. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Repeats a question until its answer satisfies, for state that can only be asked for. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  isEnough: (value: T) => boolean,
  what: string,
  patienceMs = 15_000,
): Promise<T> {
  const limitMs = patienceMs * PATIENCE;
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (isEnough(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`${what} did not happen within ${limitMs} ms; last seen: ${JSON.stringify(value)}`);
    await new Promise((next) => setTimeout(next, 20 * PATIENCE));
  }
}

/** Waits until nobody reads the simulated camera's first sensor and all that ran for it has ended. */
export async function untilIdle(service: Service): Promise<void> {
  const path = `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/stats`;
  const stats = () => service.json<{ state: string }>(path);
  await eventually(stats, ({ state }) => state === 'idle', 'The stream being idle');
}
