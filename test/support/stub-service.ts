import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PageHandler } from './stream-server.ts';

const CONSOLE = resolve(import.meta.dirname, '../../web-player/console');

/** What a stub answers for a camera: the fields of `GET /cameras/` that the page reads. */
export interface StubCamera {
  readonly mxid: string;
  readonly name: string;
  readonly camera_name: string;
  readonly sensors?: readonly { readonly name: string; readonly label: string; readonly isColour: boolean }[];
}

/** State of the stub, for a test to change. */
export interface StubService {
  cameras: readonly StubCamera[];
  /** False makes every REST answer an error. */
  isUp: boolean;
  /** What `GET …/nn` answers: a model's configuration; absent, there is none. */
  model?: Readonly<Record<string, unknown>>;
}

/** The service's pages and REST answers without a service behind them, under the service's content security policy. */
export function stubService(
  state: StubService,
  scripts: Readonly<Record<'vidicon-player' | 'console', string>>,
): PageHandler {
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'";
  const file = (name: string): string => readFileSync(join(CONSOLE, name), 'utf8');
  const answers: Readonly<Record<string, () => readonly [type: string, body: string]>> = {
    '/': () => ['text/html', file('index.html')],
    '/player/console.css': () => ['text/css', file('console.css')],
    '/player/io-panel.css': () => ['text/css', file('io-panel.css')],
    '/player/favicon.svg': () => ['image/svg+xml', file('favicon.svg')],
    '/player/console.js': () => ['text/javascript', scripts.console],
    '/player/vidicon-player.js': () => ['text/javascript', scripts['vidicon-player']],
    '/health': () => json({ status: 'ok', version: '0.1.0', uptimeSeconds: 11_110 }),
    '/cameras/': () => json(state.cameras),
    '/controller/circuits': () => json({ circuits: [] }),
  };
  return (request, response) => {
    const path = new URL(request.url ?? '/', 'http://stub').pathname;
    const isRest = !path.startsWith('/player/') && path !== '/';
    const answer = path.endsWith('/stats')
      ? () => json({ state: 'live', readers: [{}, {}] })
      : path.endsWith('/nn')
        ? () => json(state.model ?? null)
        : /^\/cameras\/[A-Z0-9]+\/streams\/$/.test(path)
          ? () => json({ CAM_A: { active: true }, DEPTH_B_C: { active: false } })
          : answers[path];
    if (answer === undefined || (isRest && !state.isUp)) {
      response.writeHead(isRest ? 503 : 404).end();
      return;
    }
    const [type, body] = answer();
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body);
  };
}

function json(value: unknown): readonly [string, string] {
  return ['application/json', JSON.stringify(value)];
}
