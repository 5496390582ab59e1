import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { AppError } from '../core/app-error.ts';
import { type ConfigFlags, loadConfig, sensorSettings } from './index.ts';
import type { Config } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'vidicon-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.yaml');

interface Outside {
  readonly env?: Record<string, string>;
  readonly flags?: ConfigFlags;
}

async function load(yaml: string | Uint8Array, { env = {}, flags = {} }: Outside = {}): Promise<Config> {
  writeFileSync(file, yaml);
  return (await loadConfig({ file, env, flags })).config;
}

/** The code and the lines of the refusal, without the folder of the file. */
async function refusal(
  yaml: string | Uint8Array,
  outside?: Outside,
): Promise<{ code: string; lines: string[] }> {
  const error: unknown = await load(yaml, outside).catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error('the configuration was accepted', { cause: error });
  return { code: error.code, lines: error.message.replaceAll(`${folder}/`, '').split('\n') };
}

test('without a file every key has its default', async () => {
  const { config, file: source } = await loadConfig({ env: {} });
  expect(source).toBeUndefined();
  expect(config).toEqual({
    server: { host: '127.0.0.1', port: 8080, corsOrigins: ['*'], logLevel: 'info' },
    compatibility: { streamList: 'object' },
    ffmpeg: { path: 'ffmpeg' },
    inference: { maxModelBytes: 209_715_200 },
    streams: {
      lingerMs: 0,
      stallTimeoutMs: 3000,
      maxReaders: 64,
      gopCache: { maxBytes: 16_777_216, maxMs: 10_000 },
      reader: { maxBytes: 8_388_608, maxMs: 2000 },
      capture: {},
      encoder: {
        codec: 'auto',
        bitrateKbps: 0,
        quality: 23,
        gopLength: 0,
        preset: 'ultrafast',
        profile: 'baseline',
      },
    },
    cameras: {
      v4l2: { enabled: true },
      simulated: { enabled: 'auto', seed: 0, faults: [] },
      url: {},
      sensors: {},
      illuminators: {},
    },
    state: { folder: '' },
    io: {
      drivers: {},
      controllerConfig: '',
      simulated: { enabled: 'auto', faults: [] },
      circuits: { di: {}, do: {}, ro: {}, led: {}, owpower: {}, ai: {}, sensor: {}, ao: {}, register: {} },
      interlocks: {},
    },
  });
});

test.each(['', '# nothing set\n', '---\n', 'server:\nstreams:\n  capture:\n'])(
  'a file that sets nothing means the defaults: %j',
  async (yaml) => {
    expect(await load(yaml)).toEqual((await loadConfig({ env: {} })).config);
  },
);

test('CONTROLLER_CONFIG names the folder of a controller', async () => {
  const env = { CONTROLLER_CONFIG: '/etc/evok' };
  expect((await load('io: { controllerConfig: /else }', { env })).io.controllerConfig).toBe('/etc/evok');
});

test('the command line wins over the environment, the environment over the file', async () => {
  const yaml = 'server: { host: 10.0.0.1, port: 1, corsOrigins: [https://file.example], logLevel: warn }';
  const env = { HOST: '10.0.0.2', PORT: '2', CORS_ORIGINS: 'https://a.example, https://b.example' };
  expect((await load(yaml, { env })).server).toEqual({
    host: '10.0.0.2',
    port: 2,
    corsOrigins: ['https://a.example', 'https://b.example'],
    logLevel: 'warn',
  });
  const flags = { port: '3', logLevel: 'debug' };
  expect((await load(yaml, { env, flags })).server).toMatchObject({
    host: '10.0.0.2',
    port: 3,
    logLevel: 'debug',
  });
});

test('a file that ROBOPIPE_API_ENV names wins over the environment, and has to be there', async () => {
  const path = join(folder, 'robopipe.env');
  writeFileSync(path, '# Robopipe\nPORT=3\nexport HOST="10.0.0.3" # here\nOTHER=1\n');
  const env = { ROBOPIPE_API_ENV: path, HOST: '10.0.0.2', CORS_ORIGINS: 'https://a.example' };
  expect((await load('server: { port: 1 }', { env })).server).toMatchObject({
    host: '10.0.0.3',
    port: 3,
    corsOrigins: ['https://a.example'],
  });
  await expect(load('', { env: { ROBOPIPE_API_ENV: join(folder, 'none.env') } })).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: expect.stringContaining('none.env'),
  });
});

test('an empty environment variable counts as absent', async () => {
  expect((await load('', { env: { HOST: '', PORT: '', CORS_ORIGINS: '' } })).server).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    corsOrigins: ['*'],
  });
});

test('every problem has a line with its place, its path, what was seen and what is allowed', async () => {
  const yaml = [
    'server:',
    '  port: 70000',
    '  prot: 80',
    'streams:',
    '  maxReaders: "4"',
    '  encoder: { preset: ultrafats, quality: 23.5 }',
    'cameras:',
    '  simulated:',
    '    faults:',
    '      - { kind: stall, afterMs: 1000, durationMs: 1, width: 3 }',
    '      - { kind: melt, afterMs: 1 }',
    '      - { kind: resize, afterMs: 1, width: 640 }',
    '  sensors:',
    '    cam1/CAM_A: {}',
    'compatibility: object',
  ].join('\n');
  expect(await refusal(yaml)).toEqual({
    code: 'CONFIG_INVALID',
    lines: [
      'config.yaml:2: server.port: saw 70000, expected a whole number from 0 to 65535',
      'config.yaml:3: server.prot: unknown key; did you mean port?',
      'config.yaml:5: streams.maxReaders: saw "4", expected a whole number from 1 to 10000',
      expect.stringMatching(
        /^config.yaml:6: streams.encoder.preset: saw "ultrafats", expected one of ultrafast, .*\(did you mean ultrafast\?\)$/,
      ),
      'config.yaml:6: streams.encoder.quality: saw 23.5, expected a whole number from 1 to 51',
      'config.yaml:10: cameras.simulated.faults.0.width: unknown key; allowed: kind, afterMs, durationMs',
      'config.yaml:11: cameras.simulated.faults.1.kind: saw "melt", expected one of stall, vanish, resize',
      'config.yaml:12: cameras.simulated.faults.2.height: is missing, expected a whole number from 16 to 4096',
      'config.yaml:14: cameras.sensors.cam1/CAM_A: unknown key; allowed: a sensor as MXID/CAM_A',
      'config.yaml:15: compatibility: saw "object", expected a mapping of keys to values',
    ],
  });
});

test('a value from outside the file is reported under its own name', async () => {
  expect((await refusal('server: { port: 1 }', { env: { PORT: 'http' } })).lines).toEqual([
    'environment PORT: server.port: saw "http", expected a whole number from 0 to 65535',
  ]);
  expect((await refusal('', { env: { CORS_ORIGINS: 'example.org' } })).lines[0]).toBe(
    'environment CORS_ORIGINS: server.corsOrigins.0: saw "example.org", expected * or an origin such as https://example.org',
  );
  expect((await refusal('', { flags: { logLevel: 'inof' } })).lines[0]).toMatch(
    /^--log-level: .*did you mean info/,
  );
});

test.each([
  ['- a list', 'config.yaml:1: the file: saw a list, expected a mapping of keys to values'],
  ['just text', 'config.yaml:1: the file: saw "just text", expected a mapping of keys to values'],
])('a file that is no mapping is refused: %s', async (yaml, line) => {
  expect(await refusal(yaml)).toEqual({ code: 'CONFIG_INVALID', lines: [line] });
});

test.each([
  ['a tab as indentation', 'server:\n\tport: 80', /^config.yaml:2:1: /],
  ['an unclosed bracket', 'server: {\n  port: 80', /^config.yaml:2:\d+: /],
  ['a key given twice', 'server: {}\nserver: {}', /^config.yaml:2:1: Map keys must be unique/],
  ['a tag nobody knows', 'server: !secret x', /^config.yaml:1:9: Unresolved tag/],
  ['two documents', 'server: {}\n---\nserver: {}', /^config.yaml:/],
  ['an alias without anchor', 'server: *nothing', /^config.yaml/],
])('bad YAML is refused with its place: %s', async (_, yaml, line) => {
  const { code, lines } = await refusal(yaml);
  expect(code).toBe('CONFIG_SYNTAX');
  expect(lines[0]).toMatch(line);
});

test('aliases that multiply are refused before they do', async () => {
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [x, x]'
      : `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
  );
  expect((await refusal(levels.join('\n'))).code).toBe('CONFIG_SYNTAX');
});

test('a file of brackets only is refused and not followed', async () => {
  expect((await refusal('['.repeat(20_000))).code).toBe('CONFIG_SYNTAX');
  expect((await refusal(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)).code).toBe('CONFIG_SYNTAX');
});

test('a file larger than any configuration is refused', async () => {
  expect((await refusal(`# ${'x'.repeat(262_144)}`)).code).toBe('CONFIG_TOO_LARGE');
  await expect(loadConfig({ file: '/dev/zero', env: {} })).rejects.toMatchObject({
    code: 'CONFIG_TOO_LARGE',
  });
});

test('a named file that is absent or a folder stops the start', async () => {
  for (const path of [join(folder, 'absent.yaml'), folder])
    await expect(loadConfig({ file: path, env: {} })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
});

test('a password in an address does not show in a refusal', async () => {
  const yaml =
    'cameras: { url: { door: { sensors: { CAM_A: { url: [rtsp://a:secret@host/] } } } } }\nserver: rtsp://a:secret@host/';
  expect((await refusal(yaml)).lines.join()).not.toContain('secret');
});

test('a sensor has the settings of all sensors with its own laid over them', async () => {
  const config = await load(`
streams: { capture: { width: 1280, height: 720 }, encoder: { quality: 30 } }
cameras: { sensors: { SIM1/CAM_A: { label: Gate, capture: { width: 640 }, encoder: { gopLength: 1 } } } }`);
  expect(sensorSettings(config, 'SIM1', 'CAM_A')).toMatchObject({
    label: 'Gate',
    capture: { width: 640, height: 720 },
    encoder: { codec: 'auto', quality: 30, gopLength: 1 },
  });
  expect(sensorSettings(config, 'SIM1', 'CAM_B')).toMatchObject({
    label: undefined,
    encoder: { gopLength: 0 },
  });
});

test('a sensor that measures depth has settings of its own, by its name', async () => {
  const config = await load('cameras: { sensors: { SIM1/DEPTH_B_C: { label: Distance } } }');
  expect(sensorSettings(config, 'SIM1', 'DEPTH_B_C').label).toBe('Distance');
});

test('whatever a file contains, the answer is a configuration or an error of the configuration', async () => {
  const yamlish = fc.array(
    fc.constantFrom(
      'server',
      'streams',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '!!',
      '"',
      '|',
      '<<',
      '?',
      '80',
      '\0',
    ),
    { maxLength: 60 },
  );
  const content = fc.oneof(
    fc.string(),
    fc.uint8Array(),
    yamlish.map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(content, async (bytes) => {
      const result = await load(bytes).then(
        () => 'accepted',
        (error: unknown) => error,
      );
      if (result !== 'accepted') expect(result).toHaveProperty('code', expect.stringMatching(/^CONFIG_/));
    }),
    { numRuns: 500 },
  );
});
