import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Log } from '../../../../core/log.ts';
import type { Discover, FoundHardware } from '../../discovery.ts';
import { type CommChannel, readEvokConfig } from './evok-config.ts';

/** Where evok, Unipi's systems and Robopipe's have their configuration. */
const FOLDERS = ['/etc/evok', '/etc/unipi', '/etc/robopipe'];

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const absent = () => undefined;

/** Serial ports with hardware behind them. */
async function serialPorts(sys: string): Promise<readonly FoundHardware[]> {
  const folder = join(sys, 'class/tty');
  const names = (await readdir(folder).catch((): string[] => [])).sort();
  const found: FoundHardware[] = [];
  for (const name of names) {
    const driver = await readlink(join(folder, name, 'device/driver')).catch(absent);
    const type = await readFile(join(folder, name, 'type'), 'utf8').catch(absent);
    // The kernel lists ports that a PC could have; those of type 0 have no chip.
    if (driver === undefined || type?.trim() === '0') continue;
    found.push({
      title: `/dev/${name}  serial port`,
      details: [`driver ${basename(driver)}; usable as the port of a MODBUSRTU channel`],
    });
  }
  return found;
}

function shown({ bus, line, slaves }: CommChannel): string {
  const where = line.kind === 'tcp' ? `MODBUSTCP ${line.hostname}:${line.port}` : `MODBUSRTU ${line.path}`;
  const devices = slaves.map(({ device, slaveId, model }) => `${device} (slave ${slaveId}, model ${model})`);
  return `${bus}  ${where}  ${devices.join(', ') || 'no devices'}`;
}

async function configuration(folder: string): Promise<FoundHardware | undefined> {
  const entries = await readdir(folder).catch((): string[] => []);
  if (!entries.includes('config.yaml')) return undefined;
  const title = `${folder}  configuration of Modbus devices`;
  try {
    const channels = await readEvokConfig(basename(folder), folder, SILENT);
    const suggestion = { name: basename(folder), config: { kind: 'modbus', folder } };
    return { title, details: channels.map(shown), ...(channels.length > 0 && { suggestion }) };
  } catch (error) {
    return { title, details: [error instanceof Error ? error.message : String(error)] };
  }
}

/** @param folders where configurations are looked for. */
export async function findModbus(sys: string, folders: readonly string[]): Promise<readonly FoundHardware[]> {
  const configurations = await Promise.all(folders.map(configuration));
  return [...configurations.filter((found) => found !== undefined), ...(await serialPorts(sys))];
}

/** Serial ports, and folders with evok's configuration. */
export const discoverModbus: Discover = ({ sys }) => findModbus(sys, FOLDERS);
