import { analogInputs } from './analog-input.ts';
import { analogOutputs } from './analog-output.ts';
import { brainAnalogOutputs } from './brain-analog-output.ts';
import { busPower, leds, relays } from './coil-output.ts';
import { dataPoints } from './data-point.ts';
import { digitalInputs } from './digital-input.ts';
import { digitalOutputs } from './digital-output.ts';
import type { EvokValue } from './evok-value.ts';
import { type CircuitMaker, type ModbusCircuit, REGISTER, type SlavePlace } from './modbus-circuit.ts';
import { rawRegisters } from './raw-register.ts';
import type { RegisterRange } from './registers.ts';
import { watchdogs } from './watchdog.ts';

/** Registers that are read in one request, every so many scan cycles. */
export interface RegisterBlock extends RegisterRange {
  readonly frequency: number;
}

/** A model of `hw_definitions/`, made for one slave. */
export interface HwDefinition {
  readonly blocks: readonly RegisterBlock[];
  readonly circuits: readonly ModbusCircuit[];
  /** Coil that makes the slave keep its settings (NV_SAVE). */
  readonly saveCoil?: number;
  /** Types of features that nobody knows. */
  readonly unknown: readonly string[];
}

/** Most registers of one request. @see Modbus application protocol V1.1b3 §6.3 */
const MAX_BLOCK = 125;

/** Older definitions call the brain's output AO, too; its second pair of registers tells it apart. */
const anyAnalogOutputs: CircuitMaker = (feature, place) =>
  (feature.get('res_val_reg') === undefined ? analogOutputs : brainAnalogOutputs)(feature, place);

const MAKERS: Readonly<Record<string, CircuitMaker>> = {
  DI: digitalInputs,
  RO: relays,
  DO: digitalOutputs,
  LED: leds,
  WD: watchdogs,
  AO: anyAnalogOutputs,
  BAO: brainAnalogOutputs,
  AI: analogInputs,
  REGISTER: rawRegisters,
  DATA_POINT: dataPoints,
  OWPOWER: busPower,
};

const registerBlock = (block: EvokValue): RegisterBlock => ({
  table: block.get('type')?.oneOf(['holding', 'input']) ?? 'holding',
  start: block.need('start_reg').integer(REGISTER),
  count: block.need('count').integer({ minimum: 1, maximum: MAX_BLOCK }),
  frequency: block.get('frequency')?.integer({ minimum: 1, maximum: 1_000_000_000 }) ?? 1,
});

/**
 * Reads a definition.
 * @throws AppError IO_CONFIG_INVALID with file and line.
 */
export function hwDefinition(file: EvokValue, place: SlavePlace): HwDefinition {
  const blocks = file.need('modbus_register_blocks').list().map(registerBlock);
  const circuits: ModbusCircuit[] = [];
  const unknown: string[] = [];
  let saveCoil: number | undefined;
  for (const feature of file.need('modbus_features').list()) {
    const type = feature.need('type').text();
    const maker = Object.hasOwn(MAKERS, type) ? MAKERS[type] : undefined;
    if (maker !== undefined) circuits.push(...maker(feature, place));
    else if (type === 'NV_SAVE') saveCoil = feature.need('val_coil').integer(REGISTER);
    else unknown.push(type);
  }
  return { blocks, circuits, unknown, ...(saveCoil !== undefined && { saveCoil }) };
}
