import { join } from 'node:path';
import type { Log } from '../../../../core/log.ts';
import { ioConfigInvalid } from '../../errors.ts';
import { readEvokFile } from './evok-file.ts';
import type { EvokValue } from './evok-value.ts';
import type { DeviceInfo } from './slave-circuits.ts';

/** What a communication channel talks over. */
export type LineConfig =
  | { readonly kind: 'tcp'; readonly hostname: string; readonly port: number }
  | {
      readonly kind: 'rtu';
      readonly path: string;
      readonly baudRate: number;
      readonly parity: 'none' | 'even' | 'odd';
      readonly stopBits: 1 | 2;
    };

export interface SlaveConfig {
  /** Its circuits' names begin with it. */
  readonly device: string;
  readonly slaveId: number;
  readonly model: string;
  readonly scanIntervalMs: number;
  /** Whether it is scanned; if not, it is read when it is found and when somebody asks. */
  readonly isScanned: boolean;
  readonly info?: DeviceInfo;
}

/** One bus of `comm_channels`. */
export interface CommChannel {
  readonly bus: string;
  readonly line: LineConfig;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  readonly slaves: readonly SlaveConfig[];
  /** Of the product that all of the slaves belong to. */
  readonly info?: DeviceInfo;
}

/** Where the operating system of Robopipe's controllers puts what it has found of the board. */
const SYSTEM_AUTOGEN = '/etc/robopipe/autogen.yaml';

const DEVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}$/;
const DEVICE_NAME_WORDS = 'a name of letters, digits and ._-, 50 characters at most';
const PORT = { minimum: 1, maximum: 65_535 };
const MODEL = /^[^/\0]{1,100}$/;
const DEFAULT_TIMEOUT_S = 0.5;
/** Shortest scan cycle: evok's frequency 0, as fast as it can. */
const MIN_INTERVAL_MS = 1;

/** Bus types whose devices another driver has. */
const ONE_WIRE = ['OWFS', 'OWBUS'];

/**
 * Reads `config.yaml` of a folder. With `autogen: true`, `autogen.yaml` lies below it: the folder's own, as evok has
 * it beside its configuration, or the system's.
 * @throws AppError IO_CONFIG_INVALID
 */
export async function readEvokConfig(
  driver: string,
  folder: string,
  log: Log,
  systemAutogen = SYSTEM_AUTOGEN,
): Promise<readonly CommChannel[]> {
  const path = join(folder, 'config.yaml');
  const own = await readEvokFile(driver, path);
  if (own === undefined)
    throw ioConfigInvalid(driver, `${path} is not there; expected evok's configuration.`);
  let config = own;
  if (own.get('autogen')?.flag()) {
    const found =
      (await readEvokFile(driver, join(folder, 'autogen.yaml'))) ??
      (await readEvokFile(driver, systemAutogen));
    if (found === undefined)
      log.warn({ folder, systemAutogen }, 'autogen is true, and there is no autogen.yaml.');
    else if (!found.isEmpty) config = found.overlaid(own);
  }
  const channels: CommChannel[] = [];
  const devices = new Set<string>();
  for (const [bus, value] of config.get('comm_channels')?.mapping() ?? []) {
    if (value.get('enabled')?.flag() === false) continue;
    const channel = commChannel(bus, value, log);
    if (channel === undefined) continue;
    for (const { device } of channel.slaves) {
      if (devices.has(device))
        throw ioConfigInvalid(driver, `${path}: two devices are named ${device}; expected one of each name.`);
      devices.add(device);
    }
    channels.push(channel);
  }
  return channels;
}

/** @returns undefined when the bus is not Modbus. */
function commChannel(bus: string, value: EvokValue, log: Log): CommChannel | undefined {
  const type = value.need('type').text();
  if (ONE_WIRE.includes(type)) {
    log.info({ bus, type }, 'This bus is 1-Wire: its sensors need a driver of kind onewire.');
    return undefined;
  }
  if (type !== 'MODBUSTCP' && type !== 'MODBUSRTU') {
    log.warn({ bus, type }, 'A bus of this type is unknown and left out.');
    return undefined;
  }
  const product = value.get('device_info');
  const slaves: SlaveConfig[] = [];
  for (const [device, settings] of value.get('devices')?.mapping() ?? []) {
    if (settings.get('enabled')?.flag() === false) continue;
    const slave = slaveConfig(device, settings, type === 'MODBUSTCP');
    const own = settings.get('device_info');
    const isProduct = product === undefined || own !== undefined;
    slaves.push(isProduct ? { ...slave, info: slaveInfo(slave, own) } : slave);
  }
  const timeoutS = value.get('timeout')?.number({ minimum: 0.01, maximum: 60 }) ?? DEFAULT_TIMEOUT_S;
  const line = type === 'MODBUSTCP' ? tcpLine(value) : rtuLine(value);
  return {
    ...{ bus, line, timeoutMs: Math.round(timeoutS * 1000), slaves },
    ...(product !== undefined && { info: productInfo(product) }),
  };
}

const tcpLine = (value: EvokValue): LineConfig => ({
  kind: 'tcp',
  hostname: value.get('hostname')?.text() ?? '127.0.0.1',
  port: value.get('port')?.integer(PORT) ?? 502,
});

const PARITIES = { N: 'none', E: 'even', O: 'odd' } as const;

const rtuLine = (value: EvokValue): LineConfig => ({
  kind: 'rtu',
  path: value.need('port').match(/^\//, 'a serial port such as /dev/ttyNS0'),
  baudRate: value.get('baudrate')?.integer({ minimum: 50, maximum: 4_000_000 }) ?? 19_200,
  parity: PARITIES[value.get('parity')?.oneOf(['N', 'E', 'O']) ?? 'N'],
  stopBits: value.get('stopbits')?.oneOf(['1', '2']) === '2' ? 2 : 1,
});

function slaveConfig(name: string, value: EvokValue, isTcp: boolean): SlaveConfig {
  const ids = isTcp ? { minimum: 0, maximum: 255 } : { minimum: 1, maximum: 247 };
  const frequencyHz = value.get('scan_frequency')?.number({ minimum: 0, maximum: 1000 }) ?? 50;
  if (!DEVICE_NAME.test(name)) value.refuseKey(DEVICE_NAME_WORDS);
  return {
    device: name,
    slaveId: value.get('slave-id')?.integer(ids) ?? 1,
    model: value.need('model').match(MODEL, "the name of a file in hw_definitions, without '.yaml'"),
    scanIntervalMs: frequencyHz === 0 ? MIN_INTERVAL_MS : Math.max(1000 / frequencyHz, MIN_INTERVAL_MS),
    isScanned: value.get('scan_enabled')?.flag() ?? true,
  };
}

/** A model as a circuit's name. */
const circuitName = (text: string): string =>
  text.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[_.-]+/, '') || 'unknown';

function info(value: EvokValue | undefined, fallback: Pick<DeviceInfo, 'circuit' | 'family' | 'model'>) {
  const sn = value?.get('sn')?.text();
  return {
    circuit: fallback.circuit,
    family: value?.get('family')?.text() ?? fallback.family,
    model: value?.get('model')?.text() ?? fallback.model,
    sn: sn !== undefined && /^\d{1,15}$/.test(sn) ? Number(sn) : (sn ?? null),
    boardCount: value?.get('board_count')?.integer({ minimum: 0, maximum: 255 }) ?? 1,
  };
}

function productInfo(value: EvokValue): DeviceInfo {
  const model = value.get('model')?.text() ?? 'unknown';
  return info(value, { circuit: circuitName(model).slice(0, 64), family: 'unknown', model });
}

const EXTENSION = /^x[smlg]/i;

function slaveInfo({ device, model }: SlaveConfig, value: EvokValue | undefined): DeviceInfo {
  const shown = value?.get('model')?.text() ?? model;
  const family = EXTENSION.test(shown) ? 'Extension' : 'unknown';
  return info(value, { circuit: device, family, model });
}
