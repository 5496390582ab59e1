import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { PageHandler } from './stream-server.ts';

/** An entry of `GET /controller/circuits`, for a test to change. */
export interface StubCircuit {
  key: string;
  dev: string;
  circuit: string;
  label: string;
  direction: 'input' | 'output' | 'none';
  signal: 'digital' | 'analog' | 'none';
  health: { state: string; problem?: { code: string; message: string } };
  value?: number;
  step?: number;
  pwm?: { duty_percent: number; frequency_hz: number };
  settings: { name: string; kind: string; writable: boolean; value: unknown; [field: string]: unknown }[];
  input?: { counter: number; [field: string]: unknown };
  output?: { cause: string; confirm: boolean; [field: string]: unknown };
  [field: string]: unknown;
}

/** A circuit that works, with the fields every circuit has. */
export function stubCircuit(key: string, label: string, fields: Partial<StubCircuit>): StubCircuit {
  const [dev = '', circuit = ''] = key.split('/');
  return {
    key,
    dev: dev === 'sensor' ? 'temp' : dev,
    circuit,
    label,
    direction: 'input',
    signal: 'digital',
    driver: { name: 'board', kind: 'simulated' },
    hardware: `simulated ${key}`,
    health: { state: 'ok' },
    age_ms: 5,
    settings: [],
    ...fields,
  };
}

/**
 * The I/O side of a service: discovery, writes and the event socket, with outputs looped to inputs. Everything else is
 * answered by the page handler it is given.
 */
export class StubBoard implements AsyncDisposable {
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #sequence = 0;
  circuits: StubCircuit[] = [];
  /** Inputs by the output they follow. */
  loops: Readonly<Record<string, string>> = {};
  /** Why writes to a circuit are refused, by key. */
  refusals: Readonly<Record<string, { code: string; detail: string }>> = {};
  /** Every write that was asked for: path and body. */
  readonly writes: { readonly path: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  /** How long a write takes. */
  writeMs = 0;
  /** False refuses event sockets. */
  takesSockets = true;

  private constructor(page: PageHandler) {
    this.#http = createServer((request, response) => {
      if (request.url?.startsWith('/controller/')) void this.#answer(request, response);
      else page(request, response);
    });
    this.#http.on('upgrade', (request: IncomingMessage, socket, head) => {
      if (!this.takesSockets || request.url !== '/controller/events') {
        socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        const snapshot = this.circuits.map((circuit) => ({ ...dictOf(circuit), cause: 'snapshot', seq: 0 }));
        client.send(JSON.stringify(snapshot));
      });
    });
  }

  static async start(page: PageHandler): Promise<StubBoard> {
    const board = new StubBoard(page);
    board.#http.listen(0, '127.0.0.1');
    await once(board.#http, 'listening');
    return board;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`; // an address: it listens on TCP
  }

  circuit(key: string): StubCircuit {
    const found = this.circuits.find((circuit) => circuit.key === key);
    if (found === undefined) throw new Error(`the stub has no circuit ${key}`);
    return found;
  }

  /** Tells of a change, after making it. */
  emit(key: string, event: { cause: string; value?: number; [field: string]: unknown }): void {
    this.send([this.#event(key, event)]);
  }

  /** Edges of an input, in one message. */
  edges(key: string, count: number): void {
    const circuit = this.circuit(key);
    const events = Array.from({ length: count }, () => {
      const value = circuit.value === 1 ? 0 : 1;
      if (circuit.input !== undefined) circuit.input.counter += 1;
      const { counter } = circuit.input ?? {};
      return this.#event(key, { cause: 'edge', edge: value === 1 ? 'rising' : 'falling', value, counter });
    });
    this.send(events);
  }

  send(message: unknown): void {
    for (const client of this.#sockets.clients) client.send(JSON.stringify(message));
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const client of this.#sockets.clients) client.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #event(key: string, event: { value?: number; [field: string]: unknown }): Record<string, unknown> {
    const circuit = this.circuit(key);
    if (event.value !== undefined) circuit.value = event.value;
    this.#sequence += 1;
    return {
      dev: circuit.dev,
      circuit: circuit.circuit,
      seq: this.#sequence,
      wall_us: Date.now() * 1000,
      ...event,
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://stub').pathname;
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path === '/controller/circuits') {
      answer(200, { circuits: this.circuits });
      return;
    }
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const fields: Record<string, unknown> = JSON.parse(body); // the page's own JSON
    const key = decodeURIComponent(path.replace('/controller/', ''));
    this.writes.push({ path, fields });
    await new Promise((done) => setTimeout(done, this.writeMs));
    const refusal = this.refusals[key];
    if (refusal !== undefined) {
      answer(409, { status: 409, title: 'Conflict', ...refusal });
      return;
    }
    this.#write(this.circuit(key), fields);
    answer(200, dictOf(this.circuit(key)));
  }

  /** As hardware does it: in whole steps. */
  #write(circuit: StubCircuit, fields: Readonly<Record<string, unknown>>): void {
    const { value, pwm_duty: duty, pwm_freq: frequency } = fields;
    if (typeof value === 'number') {
      const step = circuit.step ?? 1;
      this.emit(circuit.key, {
        cause: 'command',
        value: Number((Math.round(value / step) * step).toFixed(6)),
      });
    }
    if (circuit.pwm !== undefined) {
      if (typeof duty === 'number') circuit.pwm.duty_percent = duty;
      if (typeof frequency === 'number') circuit.pwm.frequency_hz = frequency;
    }
    for (const setting of circuit.settings) setting.value = fields[setting.name] ?? setting.value;
    if (circuit.output !== undefined) circuit.output.cause = 'command';
    const looped = this.loops[circuit.key];
    if (looped !== undefined && this.circuit(looped).value !== circuit.value) this.edges(looped, 1);
  }
}

function dictOf(circuit: StubCircuit): Record<string, unknown> {
  const { dev, circuit: name, label, health, value, input, output, pwm, unit, settings } = circuit;
  return {
    dev,
    circuit: name,
    label,
    health: health.state,
    problem: health.problem,
    value,
    unit,
    age_ms: 0,
    counter: input?.counter,
    frequency_hz: input?.['frequency_hz'],
    cause: output?.cause,
    running: output?.['running'],
    lease: output?.['lease'],
    pwm_duty: pwm?.duty_percent,
    pwm_freq: pwm?.frequency_hz,
    ...Object.fromEntries(settings.map((setting) => [setting.name, setting.value])),
  };
}
