import type { SettingInfo, SettingValue } from '../circuit.ts';
import { circuitFieldUnknown, circuitValueInvalid, settingAllowed } from '../errors.ts';

/** @throws AppError CIRCUIT_FIELD_UNKNOWN, CIRCUIT_VALUE_INVALID */
export function checkSettings(
  circuit: string,
  known: readonly SettingInfo[],
  wanted: Readonly<Record<string, SettingValue>>,
): void {
  const writable = known.filter(({ isWritable }) => isWritable);
  for (const [name, value] of Object.entries(wanted)) {
    const info = writable.find((one) => one.name === name);
    if (info === undefined) {
      throw circuitFieldUnknown(
        circuit,
        name,
        writable.map((one) => one.name),
      );
    }
    if (!isAllowed(info, value)) throw circuitValueInvalid(circuit, name, value, settingAllowed(info));
  }
}

function isAllowed(
  { kind, minimum = -Infinity, maximum = Infinity, choices }: SettingInfo,
  value: SettingValue,
) {
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && choices?.includes(value) === true;
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      return value >= minimum && value <= maximum && (kind === 'number' || Number.isInteger(value));
    default:
      return kind satisfies never;
  }
}
