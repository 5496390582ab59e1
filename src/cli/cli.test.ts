import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../../dist/vidicon.js');
const folder = mkdtempSync(join(tmpdir(), 'vidicon-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
});

interface Output {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
}

function start(args: readonly string[], env: Record<string, string> = {}): Output {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOST: '', PORT: '', CORS_ORIGINS: '', ...env },
  });
  running.push(child);
  const output: Output = { child, stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.on('data', (text) => {
    output.stderr += text;
  });
  return output;
}

/** Runs a command to its end. */
async function run(args: readonly string[], env?: Record<string, string>) {
  const output = start(args, env);
  const [code] = (await once(output.child, 'close')) as [number | null];
  return { code, stdout: output.stdout, stderr: output.stderr };
}

/** Starts the service and waits for the line that names its URL. */
async function serve(
  args: readonly string[],
  env?: Record<string, string>,
): Promise<Output & { url: string }> {
  const output = start(args, env);
  const url = await new Promise<string>((found, failed) => {
    output.child.stdout?.on('data', () => {
      const match = /listening on (http:\/\/[^"]+)/.exec(output.stdout)?.[1];
      if (match !== undefined) found(match);
    });
    output.child.once('close', () =>
      failed(new Error(`The service ended: ${output.stdout}${output.stderr}`)),
    );
  });
  return Object.assign(output, { url });
}

function configFile(yaml: string): string {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, yaml);
  return file;
}

/** A program that answers as ffmpeg does, with other encoders. */
function fakeFfmpeg(encoders: string): string {
  const file = join(folder, 'ffmpeg');
  writeFileSync(
    file,
    `#!/bin/sh\ncase "$*" in *-version*) echo 'ffmpeg version 6.1';; *) echo '${encoders}';; esac\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

const quiet = 'cameras: { v4l2: { enabled: false } }';

test.each([
  [['--help'], /Usage: vidicon .*serve.*devices.*doctor.*config/s],
  [['serve', '--help'], /Usage: vidicon serve .*--config.*--host.*--port.*--log-level/s],
  [['devices', '--help'], /--json/],
  [['doctor', '--help'], /--json/],
  [['config', 'check', '--help'], /Usage: vidicon config check .*\[file\]/s],
])('%j explains itself', async (args, text) => {
  const { code, stdout } = await run(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(text);
});

test('prints its version', async () => {
  expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([[['fly']], [['serve', '--prot', '1']], [['doctor', 'x']]])(
  'a command line that is not understood ends with 1 and a way out: %j',
  async (args) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*--help/s);
  },
);

test('a mistyped command is named, with the one that was probably meant', async () => {
  expect((await run(['doctr'])).stderr).toMatch(/^error: unknown command 'doctr'; did you mean doctor\?$/m);
});

test('a configuration with mistakes stops the start with a line for each', async () => {
  const file = configFile('server:\n  prot: 80\n  logLevel: loud\n');
  const { code, stdout, stderr } = await run(['serve', '--config', file], { PORT: 'http' });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([
    'vidicon: the configuration has 3 problems [CONFIG_INVALID]',
    `${file}:2: server.prot: unknown key; did you mean port?`,
    `${file}:3: server.logLevel: saw "loud", expected one of debug, info, warn, error`,
    'environment PORT: server.port: saw "http", expected a whole number from 0 to 65535',
  ]);
});

test('config check says whether a file is valid', async () => {
  const good = await run(['config', 'check', configFile(quiet)]);
  expect([good.code, good.stdout]).toEqual([0, `${folder}/config.yaml is valid.\n`]);
  const bad = await run(['config', 'check', configFile('server: [')]);
  expect([bad.code, bad.stderr]).toEqual([
    1,
    expect.stringMatching(/config\.yaml:1:\d+: .*\[CONFIG_SYNTAX\]\n$/),
  ]);
  const absent = await run(['config', 'check', join(folder, 'absent.yaml')]);
  expect([absent.code, absent.stderr]).toEqual([1, expect.stringContaining('[CONFIG_UNREADABLE]')]);
});

test('a busy port ends the start with one line that names who has it', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo; // a TCP server's
  const args = ['serve', '--config', configFile(quiet), '--port', String(port)];
  const { code, stderr } = await run(args);
  holder.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    new RegExp(
      `^vidicon: Port ${port} on 127.0.0.1 is in use by .+ \\(pid ${process.pid}\\)\\. .*\\[SERVER_PORT_BUSY\\]\\n$`,
    ),
  );
});

test('an address of another machine ends the start with one line', async () => {
  const { code, stderr } = await run(['serve', '--config', configFile(quiet), '--host', '192.0.2.1']);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^vidicon: .*192\.0\.2\.1.*has to be an address of this machine.*\[SERVER_CANNOT_LISTEN\]\n$/,
    ),
  ]);
});

test('without ffmpeg the start ends with one line that says what to do', async () => {
  const file = configFile(`${quiet}\nffmpeg: { path: /nowhere/ffmpeg }`);
  const { code, stderr } = await run(['serve', '--config', file, '--port', '0']);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^vidicon: .*\/nowhere\/ffmpeg.*\[FFMPEG_NOT_FOUND\]\n$/),
  ]);
});

test('an ffmpeg without an H.264 encoder ends the start with one line', async () => {
  const file = configFile(`${quiet}\nffmpeg: { path: ${fakeFfmpeg(' V..... mpeg4 MPEG-4 (codec mpeg4)')} }`);
  const { code, stderr } = await run(['serve', '--config', file, '--port', '0']);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^vidicon: .*H\.264.*\[FFMPEG_NO_H264\]\n$/)]);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the service at once, with code 0', async (signal) => {
  const { child, url } = await serve(['--config', configFile(quiet), '--port', '0']);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const ended = once(child, 'exit');
  const started = performance.now();
  child.kill(signal);
  expect(await ended).toEqual([0, null]);
  expect(performance.now() - started).toBeLessThan(2000);
});

test('logs one JSON object per line where nobody watches, without the requests', async () => {
  const output = await serve(['--config', configFile(quiet), '--port', '0']);
  const { child, url } = output;
  await fetch(`${url}/nothing`);
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
  const lines = output.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; msg: string });
  expect(lines.map(({ level }) => level)).not.toContain('debug');
  expect(lines.map(({ msg }) => msg).join('\n')).not.toContain('/nothing');
});

test('devices lists the simulated camera with its sensors and formats', async () => {
  const file = configFile(quiet);
  const { code, stdout } = await run(['devices', '--config', file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SIMULATED1 .*simulated.*\n {2}CAM_A .*colour.*\n {4}\S+/);
  const json = JSON.parse((await run(['devices', '--json', '--config', file])).stdout) as {
    cameras: { mxid: string }[];
    io: unknown[];
  };
  expect(json.cameras.map(({ mxid }) => mxid)).toEqual(['SIMULATED1']);
  expect(json.io).toBeInstanceOf(Array);
});

test("the password of a camera's address appears in no answer and no log", async () => {
  const yaml = `server: { logLevel: debug }
cameras:
  v4l2: { enabled: false }
  url: { door: { sensors: { CAM_A: { url: 'rtsp://admin:secret@127.0.0.1:9/' } } } }`;
  const output = await serve(['--config', configFile(yaml), '--port', '0']);
  const { child, url } = output;
  const [camera] = (await (await fetch(`${url}/cameras/`)).json()) as { mxid: string }[];
  const sensor = `${url}/cameras/${camera?.mxid}/streams/CAM_A`;
  const still = await fetch(`${sensor}/still`);
  expect(still.status).toBe(503);
  const paths = [`${url}/cameras/`, sensor, `${sensor}/stats`, `${url}/metrics`];
  const answers = await Promise.all(paths.map(async (path) => (await fetch(path)).text()));
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
  const devices = await run(['devices', '--json', '--config', configFile(yaml)]);
  const everything = [await still.text(), ...answers, output.stdout, output.stderr, devices.stdout].join(
    '\n',
  );
  expect(everything).toContain('door');
  expect(everything).not.toContain('secret');
});

test('devices says so when there is no camera', async () => {
  const file = configFile('cameras: { v4l2: { enabled: false }, simulated: { enabled: never } }');
  expect((await run(['devices', '--config', file])).stdout).toMatch(/^No cameras\.\n\n/);
});

test('devices suggests a configuration that the service accepts', async () => {
  const { code, stdout } = await run(['devices', '--suggest']);
  expect(code).toBe(0);
  expect((await run(['config', 'check', configFile(stdout)])).code).toBe(0);
});

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly advice?: string;
}

test('doctor finds nothing that keeps the service from working here', async () => {
  const { code, stdout } = await run(['doctor', '--json', '--config', configFile(quiet)], { PORT: '0' });
  const findings = JSON.parse(stdout) as Finding[];
  expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['Node', 'configuration', 'ffmpeg', 'H.264 encoder', 'port 0 on 127.0.0.1']),
  );
  expect(code).toBe(0);
});

test('doctor tells of an encoder that the configuration names and this machine does not have', async () => {
  const file = configFile(`${quiet}\nstreams: { encoder: { codec: h264_nope } }`);
  const { code, stdout } = await run(['doctor', '--config', file], { PORT: '0' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^FAIL {2}encoder h264_nope: .*\n {6}→ .*auto.*libx264/m);
});

test('doctor names what is wrong and what to do, and ends with 1', async () => {
  const file = configFile('ffmpeg: { path: /nowhere/ffmpeg }');
  const { code, stdout } = await run(['doctor', '--config', file], { PORT: '0' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^FAIL {2}ffmpeg: .*\/nowhere\/ffmpeg.*\n {6}→ .*apt-get install ffmpeg/m);
  const broken = await run(['doctor', '--json', '--config', configFile('server: 1')], { PORT: '0' });
  expect(broken.code).toBe(1);
  expect(
    (JSON.parse(broken.stdout) as Finding[]).find(({ check }) => check === 'configuration'),
  ).toMatchObject({
    status: 'fail',
    advice: expect.stringContaining('docs/configuration.md'),
  });
});
