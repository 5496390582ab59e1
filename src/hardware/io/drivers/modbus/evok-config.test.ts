import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Log } from '../../../../core/log.ts';
import { findModbus } from './discover.ts';
import { readEvokConfig } from './evok-config.ts';

let folder: string;
let logged: string[];
const keep = (_: object, message: string) => void logged.push(message);
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evok-config-'));
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const systemAutogen = () => join(folder, 'system/autogen.yaml');
function read(text: string) {
  writeFileSync(join(folder, 'config.yaml'), text);
  return readEvokConfig('board', folder, log, systemAutogen());
}
const invalid = (what: string) => ({
  code: 'IO_CONFIG_INVALID',
  message: `I/O driver board: ${join(folder, 'config.yaml')}${what}`,
});

test('the example of this folder is read', async () => {
  const channels = await readEvokConfig('board', resolve(import.meta.dirname, 'example'), log);
  expect(channels).toEqual([
    {
      bus: 'LOCAL_TCP',
      line: { kind: 'tcp', hostname: '127.0.0.1', port: 502 },
      timeoutMs: 500,
      info: { circuit: 'S103', family: 'Neuron', model: 'S103', sn: 42, boardCount: 1 },
      // A name of digits keeps its zeros.
      slaves: [{ device: '1', slaveId: 1, model: '00', scanIntervalMs: 20, isScanned: true }],
    },
    {
      bus: 'RS485_1',
      line: { kind: 'rtu', path: '/dev/ttyNS0', baudRate: 19_200, parity: 'none', stopBits: 1 },
      timeoutMs: 500,
      slaves: [
        {
          ...{ device: 'xS51', slaveId: 3, model: 'xS51', scanIntervalMs: 100, isScanned: true },
          info: { circuit: 'xS51', family: 'Extension', model: 'xS51', sn: null, boardCount: 1 },
        },
      ],
    },
  ]);
});

test('what is not enabled is left out, in the words of YAML 1.1', async () => {
  const channels = await read(`
    comm_channels:
      OFF: { type: MODBUSTCP, enabled: off }
      ON:
        type: MODBUSTCP
        timeout: 1.25
        devices:
          a: { model: 00, enabled: no }
          b: { model: 07, scan_enabled: no, scan_frequency: 0 }`);
  expect(channels).toMatchObject([
    {
      bus: 'ON',
      timeoutMs: 1250,
      slaves: [{ device: 'b', model: '07', isScanned: false, scanIntervalMs: 1 }],
    },
  ]);
});

test('1-Wire buses are for another driver, and unknown ones are named', async () => {
  const channels = await read(
    'comm_channels: { OW: { type: OWBUS }, OWFS: { type: OWFS }, X: { type: CAN } }',
  );
  expect(channels).toEqual([]);
  expect(logged).toEqual([
    'This bus is 1-Wire: its sensors need a driver of kind onewire.',
    'This bus is 1-Wire: its sensors need a driver of kind onewire.',
    'A bus of this type is unknown and left out.',
  ]);
});

describe('autogen', () => {
  const OWN = 'autogen: true\ncomm_channels: { LOCAL_TCP: { port: 50200 } }';
  const GENERATED =
    'comm_channels: { LOCAL_TCP: { type: MODBUSTCP, port: 502, devices: { 1: { model: 13 } } } }';

  test("lies below the configuration, from the folder's own file", async () => {
    mkdirSync(join(folder, 'system'));
    writeFileSync(systemAutogen(), 'comm_channels: { OTHER: { type: MODBUSTCP } }');
    writeFileSync(join(folder, 'autogen.yaml'), GENERATED);
    expect(await read(OWN)).toMatchObject([
      { bus: 'LOCAL_TCP', line: { port: 50_200 }, slaves: [{ device: '1', model: '13' }] },
    ]);
  });

  test("is the system's where the folder has none", async () => {
    mkdirSync(join(folder, 'system'));
    writeFileSync(systemAutogen(), GENERATED);
    expect(await read(OWN)).toMatchObject([{ bus: 'LOCAL_TCP', slaves: [{ model: '13' }] }]);
  });

  test('may be absent', async () => {
    expect(await read('autogen: true')).toEqual([]);
    expect(logged).toEqual(['autogen is true, and there is no autogen.yaml.']);
  });
});

test('anchors and merge keys are followed', async () => {
  const channels = await read(`
    defaults: &defaults { model: 00, scan_frequency: 20 }
    comm_channels:
      A: { type: MODBUSTCP, devices: { one: { <<: *defaults, slave-id: 5, scan_frequency: 10 } } }`);
  expect(channels).toMatchObject([{ slaves: [{ slaveId: 5, model: '00', scanIntervalMs: 100 }] }]);
});

test.each([
  [
    'comm_channels: { A: { type: MODBUSTCP, port: 70000 } }',
    ':1: port is "70000"; expected a whole number from 1 to 65535.',
  ],
  ['comm_channels:\n  A:\n    type: MODBUSRTU', ':3: A has no port, which it needs.'],
  [
    'comm_channels:\n  A:\n    type: MODBUSRTU\n    port: ttyNS0',
    ':4: port is "ttyNS0"; expected a serial port such as /dev/ttyNS0.',
  ],
  [
    'comm_channels:\n  A:\n    type: MODBUSRTU\n    port: /dev/x\n    parity: X',
    ':5: parity is "X"; expected one of N, E, O.',
  ],
  [
    'comm_channels: { A: { type: MODBUSTCP, devices: { a b: { model: 1 } } } }',
    ':1: "a b" is no name here; expected a name of letters, digits and ._-, 50 characters at most.',
  ],
  [
    'comm_channels: { A: { type: MODBUSTCP, devices: { a: { model: ../../x } } } }',
    `:1: model is "../../x"; expected the name of a file in hw_definitions, without '.yaml'.`,
  ],
  [
    'comm_channels: { A: { type: MODBUSRTU, port: /dev/x, devices: { a: { model: x, slave-id: 248 } } } }',
    ':1: slave-id is "248"; expected a whole number from 1 to 247.',
  ],
  ['comm_channels: 7', ':1: comm_channels is "7"; expected a mapping of keys to values.'],
  [
    'comm_channels: { A: { type: MODBUSTCP, devices: { a: &x { model: *x } } } }',
    ':1: model is too much; expected at most 50000 values, 32 deep.',
  ],
  ['a: *nowhere', ':1: *nowhere names no anchor above it.'],
  ['a: {', ':1:5: Flow map in block collection must be sufficiently indented and end with a }.'],
  ['a: 1\na: 2', ':2:1: Map keys must be unique.'],
])('%s is refused with file and line', async (text, what) => {
  const error = await read(text).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'IO_CONFIG_INVALID' });
  expect(String(error)).toContain(join(folder, 'config.yaml'));
  expect(error).toMatchObject(invalid(what));
});

test('two devices of one name are refused', async () => {
  const text =
    'comm_channels: { A: { type: MODBUSTCP, devices: { a: { model: x } } }, B: { type: MODBUSTCP, devices: { a: { model: x } } } }';
  await expect(read(text)).rejects.toMatchObject(
    invalid(': two devices are named a; expected one of each name.'),
  );
});

test('a document that multiplies itself is refused before it fills memory', async () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`)}]`,
  );
  await expect(read(['l0: &l0 x', ...levels].join('\n'))).rejects.toMatchObject({
    code: 'IO_CONFIG_INVALID',
  });
});

test.each([
  ['too long', 'x'.repeat(300_000)],
  ['nested too deeply', '['.repeat(100_000)],
  ['no YAML', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1')],
])('a file that is %s is refused', async (_, text) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'IO_CONFIG_INVALID' });
});

test('a folder without a configuration is refused', async () => {
  await expect(readEvokConfig('board', folder, log)).rejects.toMatchObject(
    invalid(" is not there; expected evok's configuration."),
  );
  execFileSync('mkfifo', [join(folder, 'config.yaml')]);
  await expect(readEvokConfig('board', folder, log)).rejects.toMatchObject({ code: 'IO_CONFIG_INVALID' });
});

test('an empty file configures nothing', async () => {
  await expect(read('# nothing yet\n')).resolves.toEqual([]);
});

test('discovery finds configurations and serial ports, and suggests what can be used', async () => {
  const evok = join(folder, 'evok');
  const broken = join(folder, 'unipi');
  for (const path of [evok, broken]) mkdirSync(path);
  writeFileSync(
    join(evok, 'config.yaml'),
    'comm_channels: { A: { type: MODBUSTCP, devices: { 1: { model: 13 } } } }',
  );
  writeFileSync(join(broken, 'config.yaml'), 'comm_channels: 7');
  const sys = join(folder, 'sys');
  for (const [name, type] of [
    ['ttyS0', '4'],
    ['ttyS1', '0'],
    ['ttyUSB0', undefined],
  ] as const) {
    const device = join(sys, 'class/tty', name, 'device');
    mkdirSync(device, { recursive: true });
    symlinkSync('/sys/bus/platform/drivers/serial8250', join(device, 'driver'));
    if (type !== undefined) writeFileSync(join(sys, 'class/tty', name, 'type'), type);
  }
  mkdirSync(join(sys, 'class/tty/tty0'));
  expect(await findModbus(sys, [evok, broken, join(folder, 'absent')])).toEqual([
    {
      title: `${evok}  configuration of Modbus devices`,
      details: ['A  MODBUSTCP 127.0.0.1:502  1 (slave 1, model 13)'],
      suggestion: { name: 'evok', config: { kind: 'modbus', folder: evok } },
    },
    {
      title: `${broken}  configuration of Modbus devices`,
      details: [expect.stringContaining('config.yaml:1: comm_channels is "7"')],
    },
    ...['ttyS0', 'ttyUSB0'].map((name) => ({
      title: `/dev/${name}  serial port`,
      details: ['driver serial8250; usable as the port of a MODBUSRTU channel'],
    })),
  ]);
});
