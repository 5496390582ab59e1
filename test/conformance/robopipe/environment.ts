import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import { field, type Session, type StartService } from './session.ts';

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
