import type {
  ChannelFeatures,
  ChannelInfo,
  ChannelReading,
  CircuitType,
  Level,
  SettingInfo,
  SettingValue,
} from '../../circuit.ts';
import type { EvokValue, Range } from './evok-value.ts';
import type { Operation, RegisterRange, Registers } from './registers.ts';

/** What a slave's registers say of a circuit. */
export type Reading = Omit<ChannelReading, 'takenUs'>;
export type Settings = Readonly<Record<string, SettingValue>>;

/** One circuit of a slave: a pure map between its registers and what the board sees. */
export interface ModbusCircuit {
  readonly channel: ChannelInfo;
  /** What its value is made of, read anew whenever it is read. */
  readonly value: readonly RegisterRange[];
  /** What its settings are made of: read by the scan, and after a change of them. */
  readonly settings: readonly RegisterRange[];
  reading(registers: Registers): Reading;
  /** Absent: nothing of it can be written. */
  write?(level: Level, registers: Registers): readonly Operation[];
  configure?(settings: Settings, registers: Registers): readonly Operation[];
}

/** The slave that circuits are made for. */
export interface SlavePlace {
  /** Name of its communication channel. */
  readonly bus: string;
  /** Its name in the configuration, which its circuits' names begin with. */
  readonly device: string;
  readonly slaveId: number;
}

/** Makes the circuits of one entry of `modbus_features`. @throws AppError IO_CONFIG_INVALID */
export type CircuitMaker = (feature: EvokValue, place: SlavePlace) => readonly ModbusCircuit[];

export const REGISTER: Range = { minimum: 0, maximum: 65_535 };
export const COUNT: Range = { minimum: 1, maximum: 1000 };

/** Numbers of a feature's circuits, from 0. */
export function each<T>(feature: EvokValue, make: (index: number) => T): readonly T[] {
  const count = feature.get('count')?.integer(COUNT) ?? 1;
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Sixteen circuits have a bit each in one register; the next sixteen in the next. */
export const bitOf = (
  first: number,
  index: number,
): { readonly register: number; readonly mask: number } => ({
  register: first + Math.floor(index / 16),
  mask: 1 << (index % 16),
});

interface ChannelParts {
  readonly direction: ChannelInfo['direction'];
  readonly signal: ChannelInfo['signal'];
  /** Where in the slave: `coil 3`. */
  readonly at: string;
  readonly unit?: string | undefined;
  readonly range?: Range;
  readonly step?: number;
  readonly modes?: ChannelInfo['modes'];
  readonly settings?: readonly SettingInfo[];
  readonly features?: ChannelFeatures;
}

export function channel(
  type: CircuitType,
  circuit: string,
  place: SlavePlace,
  { direction, signal, at, unit, range, step, modes, settings = [], features = {} }: ChannelParts,
): ChannelInfo {
  return {
    ...{ type, circuit, direction, signal, settings, features },
    ...(unit !== undefined && { unit }),
    ...range,
    ...(step !== undefined && { step }),
    ...(modes !== undefined && { modes }),
    hardware: `bus ${place.bus}, slave ${place.slaveId}, ${at}`,
    bus: place.bus,
    delivery: 'pushed',
  };
}

/** Name of the circuit with this number, from 0: `1_01`. */
export const numbered = (place: SlavePlace, index: number): string =>
  `${place.device}_${String(index + 1).padStart(2, '0')}`;
