import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { field, type Session, type StartService } from './session.ts';
import { Refusal } from './shapes.ts';

/** Every path of the original's OpenAPI document, with any names of parameters. */
const DOCUMENTED = [
  ...['/cameras', '/cameras/{}', '/cameras/{}/stats', '/cameras/{}/ir', '/cameras/{}/streams'],
  ...['', '/config', '/control', '/still', '/nn'].map((end) => `/cameras/{}/streams/{}${end}`),
  '/controller',
  '/controller/{}',
  '/controller/{}/{}',
];

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** §1: the root, documents and errors. */
export const SERVICE: readonly Fact[] = [
  requestFact({
    id: '1.1/root',
    what: 'the health page',
    path: '/',
    status: 200,
    type: 'text/plain',
    holds: ({ text }) => text === 'Hello from Robopipe API!',
    expected: 'text/plain, Hello from Robopipe API!',
  }),
  {
    id: '1/openapi',
    what: 'the OpenAPI document',
    expected: '200, every path of the original',
    check: async (session) => {
      const { status, json } = await session.request('/openapi.json');
      const paths = Object.keys(Object(field(json, 'paths')));
      const plain = paths.map((path) => path.replace(/\{[^}]*\}/g, '{}').replace(/(.)\/$/, '$1'));
      const missing = DOCUMENTED.filter((path) => !plain.includes(path));
      const isRight = status === 200 && missing.length === 0;
      return verdict(isRight, isRight ? `${paths.length} paths` : `${status}, missing: ${missing.join(' ')}`);
    },
  },
  requestFact({
    id: '1/docs',
    what: 'the interactive document',
    path: '/docs',
    status: 200,
    type: 'text/html',
    expected: 'text/html',
  }),
  ...requestFacts({ status: 404, shape: Refusal, expected: 'JSON with detail' }, [
    { id: '1/unknown-route', what: 'a path that does not exist', path: '/nothing' },
    {
      id: '1/unknown-below',
      what: 'a path that does not exist below a camera',
      path: '/cameras/{mxid}/nothing',
    },
  ]),
  requestFact({
    id: '1/wrong-method',
    what: 'a method that a path does not have',
    method: 'DELETE',
    path: '/cameras/',
    status: 405,
    shape: Refusal,
    holds: ({ headers }) => headers.get('allow')?.includes('GET') === true,
    expected: 'JSON with detail, and allow',
  }),
  requestFact({
    id: '1/malformed',
    what: 'a body that is no JSON',
    method: 'POST',
    path: '/controller/led',
    form: '{"value": ',
    headers: { 'content-type': 'application/json' },
    status: [400, 422],
    shape: Refusal,
    expected: 'JSON with detail',
  }),
  requestFact({
    id: '7/preflight',
    what: 'a page asks whether it may use every method',
    method: 'OPTIONS',
    path: '/cameras/{mxid}/streams/{stream}/control',
    headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    status: [200, 204],
    holds: ({ headers }) => {
      const allowed = headers.get('access-control-allow-methods') ?? '';
      const headersAllowed = headers.get('access-control-allow-headers') ?? '';
      return (
        (allowed === '*' || methods.every((method) => allowed.includes(method))) &&
        (headersAllowed === '*' || /content-type/i.test(headersAllowed))
      );
    },
    expected: `${methods.join(', ')} and content-type allowed`,
  }),
];

/** The last fact: what all others were answered. */
export const CORS: readonly Fact[] = [
  {
    id: '7/cors',
    what: 'a page could read every answer so far, errors too',
    expected: 'access-control-allow-origin on each (original: not on 404 of cameras and 500)',
    check: async ({ withoutCors }) =>
      verdict(withoutCors.length === 0, withoutCors.length === 0 ? 'on each' : shown(withoutCors)),
  },
];

/** A fact about how a service starts. */
function startFact(fact: Omit<Fact, 'check'>, check: (start: StartService) => Promise<Verdict>): Fact {
  return {
    ...fact,
    check: async ({ start }: Session) =>
      start === undefined ? skipped('the service is not ours to start') : check(start),
  };
}

/** §7: variables of the environment. */
export const ENVIRONMENT: readonly Fact[] = [
  startFact(
    { id: '7/host-port', what: 'HOST and PORT', expected: 'it listens where they say' },
    async (start) => {
      const port = await freePort();
      await using service = await start({ HOST: '127.0.0.1', PORT: String(port) });
      const { status } = await fetch(`http://127.0.0.1:${port}/`);
      return verdict(status === 200, `${service.url}: ${status}`);
    },
  ),
  startFact(
    {
      id: '7/cors-origins',
      what: 'CORS_ORIGINS, a comma list',
      expected: 'its origins with credentials, and no other',
    },
    async (start) => {
      await using service = await start({ CORS_ORIGINS: 'http://one.example,http://two.example' });
      const answers = await Promise.all(
        ['http://one.example', 'http://two.example', 'http://three.example'].map(async (origin) => {
          const { headers } = await fetch(`${service.url}/cameras/NOPE/`, { headers: { origin } });
          return [
            headers.get('access-control-allow-origin'),
            headers.get('access-control-allow-credentials'),
          ];
        }),
      );
      const [one, two, three] = answers;
      const isRight =
        one?.join() === 'http://one.example,true' &&
        two?.join() === 'http://two.example,true' &&
        three?.[0] !== 'http://three.example' &&
        three?.[0] !== '*';
      return verdict(isRight, shown(answers));
    },
  ),
  startFact(
    {
      id: '7/controller-config',
      what: 'CONTROLLER_CONFIG, a folder with config.yaml and hw_definitions',
      expected: 'the circuits of its devices, named <device>_<NN>',
    },
    async (start) => {
      const folder = controllerFolder(await freePort());
      try {
        await using service = await start({ CONTROLLER_CONFIG: folder });
        const circuits: unknown = await (await fetch(`${service.url}/controller/`)).json();
        const names = (Array.isArray(circuits) ? circuits : []).map(
          (one) => `${field(one, 'dev')}/${field(one, 'circuit')}`,
        );
        const wanted = ['di/7_01', 'di/7_02', 'led/7_01'];
        return verdict(
          wanted.every((name) => names.includes(name)),
          shown(names),
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  ),
  startFact(
    {
      id: '7/controller-config-missing',
      what: 'CONTROLLER_CONFIG that names nothing',
      expected: 'it starts all the same',
    },
    async (start) => {
      await using service = await start({ CONTROLLER_CONFIG: join(tmpdir(), 'no-such-folder') });
      const { status } = await fetch(`${service.url}/controller/`);
      return verdict(status === 200, `GET /controller/: ${status}`);
    },
  ),
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A controller whose bus nobody answers at. */
function controllerFolder(port: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  mkdirSync(join(folder, 'hw_definitions'));
  writeFileSync(
    join(folder, 'config.yaml'),
    `comm_channels:
  LOCAL_TCP:
    type: MODBUSTCP
    hostname: 127.0.0.1
    port: ${port}
    devices:
      7: { slave-id: 1, model: SMALL }
`,
  );
  writeFileSync(
    join(folder, 'hw_definitions', 'SMALL.yaml'),
    `modbus_register_blocks:
  - { board_index: 1, start_reg: 0, count: 21, frequency: 1 }
modbus_features:
  - { type: DI, count: 2, major_group: 1, val_reg: 0, counter_reg: 8, debounce_reg: 1010, modes: [Simple] }
  - { type: LED, count: 1, major_group: 1, val_reg: 20, val_coil: 8 }
`,
  );
  return folder;
}
