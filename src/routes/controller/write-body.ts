import type { SettingValue } from '../../hardware/io/circuit.ts';
import type { CircuitView, CircuitWrite } from '../../hardware/io/circuit-view.ts';
import {
  circuitFieldUnknown,
  circuitReadOnly,
  circuitValueInvalid,
  shownValue,
} from '../../hardware/io/errors.ts';
import { requestInvalid } from '../http/index.ts';
import { type Field, settingField, wholeField } from './body-value.ts';
import { COMMAND_FIELDS, type Fields, outputCommand } from './output-command.ts';
import { circuitDict, modeNames } from './representation.ts';

/** A lease lasts at least and at most so long, in milliseconds. */
export const LEASE_MS = { minimum: 50, maximum: 3_600_000 } as const;

/** What a body asks of one circuit. */
export interface WriteRequest {
  readonly write: CircuitWrite;
  readonly leaseMs?: number;
}

/**
 * Reads the body of a write to a circuit. Fields that the circuit's own answer shows and that cannot be written are
 * ignored, so that a changed answer can be sent back; null is as good as absent.
 * @throws AppError REQUEST_INVALID, CIRCUIT_READ_ONLY, CIRCUIT_VALUE_INVALID, CIRCUIT_FIELD_UNKNOWN, IO_UNSUPPORTED
 */
export function writeRequest(view: CircuitView, body: unknown): WriteRequest {
  const { key } = view;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw requestInvalid(`The body has to be an object with the fields of ${key}; saw ${shownValue(body)}.`);
  const fields = fieldsOf(key, body);
  const isOutput = view.output !== undefined;
  assertKnown(view, fields, isOutput);
  assertMode(view, fields);

  const settings = settingsOf(view, fields);
  const command = isOutput ? outputCommand(view, fields) : undefined;
  const leaseMs = leaseField(fields.get('lease_ms'));
  if (command === undefined && settings === undefined) {
    if (!isOutput && fields.has('value')) throw circuitReadOnly(key, 'value');
    throw requestInvalid(
      `There is nothing to write to ${key}; it has ${writable(view, isOutput).join(', ')}.`,
    );
  }
  if (leaseMs !== undefined && (command === undefined || command.kind === 'cancel'))
    throw circuitValueInvalid(key, 'lease_ms', leaseMs, 'a value beside it that the output keeps so long');
  return {
    write: { key, ...(command && { command }), ...(settings && { settings }) },
    ...(leaseMs !== undefined && { leaseMs }),
  };
}

/** @returns milliseconds; undefined when there is no such field. */
export function leaseField(field: Field | undefined): number | undefined {
  return field && wholeField(field, LEASE_MS.minimum, LEASE_MS.maximum);
}

function fieldsOf(circuit: string, body: object): Fields {
  const entries = Object.entries(body).filter(([, seen]) => seen !== null && seen !== undefined);
  return new Map(entries.map(([name, seen]: [string, unknown]) => [name, { circuit, name, seen }]));
}

/** Names of what can be written. */
function writable({ settings, channel }: CircuitView, isOutput: boolean): readonly string[] {
  const hasPulseWidth = channel.type === 'do' || channel.features.pwm !== undefined;
  const commands = COMMAND_FIELDS.filter((name) => hasPulseWidth || !name.startsWith('pwm_'));
  const names = settings.flatMap(({ name, isWritable }) => (isWritable ? [name] : []));
  const mode = channel.features.pwm === undefined || names.includes('mode') ? [] : ['mode'];
  return isOutput ? [...commands, 'lease_ms', ...mode, ...names] : names;
}

function assertKnown(view: CircuitView, fields: Fields, isOutput: boolean): void {
  const known = writable(view, isOutput);
  const dict = circuitDict(view);
  for (const name of fields.keys()) {
    if (known.includes(name) || Object.hasOwn(dict, name)) continue;
    const ofOutputs: readonly string[] = [...COMMAND_FIELDS, 'lease_ms'];
    if (!isOutput && ofOutputs.includes(name)) throw circuitReadOnly(view.key, name);
    throw circuitFieldUnknown(view.key, name.slice(0, 80), known);
  }
}

/** The mode may follow from what is written, as that of a pulsed output does, or be the only one; it has to be one. */
function assertMode(view: CircuitView, fields: Fields): void {
  const mode = fields.get('mode');
  const names = modeNames(circuitDict(view)) ?? [];
  if (mode === undefined || names.length === 0 || names.some((name) => name === mode.seen)) return;
  throw circuitValueInvalid(view.key, 'mode', mode.seen, `one of ${names.join(', ')}`);
}

function settingsOf(view: CircuitView, fields: Fields): Readonly<Record<string, SettingValue>> | undefined {
  const given = view.settings.flatMap((setting) => {
    const field = fields.get(setting.name);
    return setting.isWritable && field ? [[setting.name, settingField(field, setting)] as const] : [];
  });
  const values = Object.fromEntries(given);
  withoutUnchangedTwin(view, values);
  return Object.keys(values).length > 0 ? values : undefined;
}

/** A changed answer that is sent back has the debounce period twice, in evok's unit and in ours: one is the old one. */
function withoutUnchangedTwin({ settingValues }: CircuitView, values: Record<string, SettingValue>): void {
  if (!('debounce' in values && 'debounce_us' in values)) return;
  if (values['debounce'] === settingValues['debounce']) delete values['debounce'];
  else if (values['debounce_us'] === settingValues['debounce_us']) delete values['debounce_us'];
}
