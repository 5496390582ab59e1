import { toAppError } from '../../../../core/app-error.ts';
import type { FoundHardware } from '../../discovery.ts';
import { suggestedCircuit } from '../sysfs/index.ts';
import { GpioChip } from './gpio-chip.ts';
import type { GpioSystem } from './gpio-system.ts';
import type { ChipInfo, LineInfo } from './line-messages.ts';

/** All GPIO chips; one that may not be opened or asked says why. */
export function findChips(system: GpioSystem, dev: string): FoundHardware[] {
  const { chips, failures } = GpioChip.all(system, dev);
  try {
    const isLabelUnique = ({ label }: ChipInfo): boolean =>
      chips.filter(({ info }) => info.label === label).length === 1;
    const found = chips.map((chip) => describe(chip, isLabelUnique(chip.info)));
    return [...found, ...failures.map(({ message }) => ({ title: 'a GPIO chip', details: [message] }))];
  } finally {
    for (const chip of chips) chip[Symbol.dispose]();
  }
}

function describe(chip: GpioChip, isLabelUnique: boolean): FoundHardware {
  const { name, label, lines: count } = chip.info;
  const title = `${name}  ${label}  ${count} lines`;
  let lines: LineInfo[];
  try {
    lines = Array.from({ length: count }, (_, offset) => chip.lineInfo(offset));
  } catch (error) {
    return { title, details: [toAppError(error).message] };
  }
  const details = lines.map((info, offset) => lineText(offset, info));
  const di = inputsOf(lines);
  if (Object.keys(di).length === 0) return { title, details };
  const chipName = isLabelUnique && label !== '' && !label.includes('/') ? label : name;
  const suggestion = { name: suggestedCircuit(chipName), config: { kind: 'gpio', chip: chipName, di } };
  return { title, details, suggestion };
}

function lineText(offset: number, { name, consumer, isUsed, isOutput }: LineInfo): string {
  const use = isUsed ? `used${consumer === '' ? '' : ` by ${consumer}`}` : 'free';
  return `${offset}  ${name || 'unnamed'}  ${isOutput ? 'output' : 'input'}  ${use}`;
}

/** Circuits for free lines that can be told apart by name. */
function inputsOf(lines: readonly LineInfo[]): Record<string, { readonly name: string }> {
  const circuits = new Map<string, { readonly name: string }>();
  for (const { name, isUsed } of lines) {
    const circuit = suggestedCircuit(name).toLowerCase();
    const isAlone = lines.filter((each) => each.name === name).length === 1;
    if (!isUsed && name !== '' && isAlone && !circuits.has(circuit)) circuits.set(circuit, { name });
  }
  return Object.fromEntries(circuits);
}
