import type { Level, SettingInfo } from '../circuit.ts';
import type { CircuitView, Lease } from '../circuit-view.ts';
import type { CircuitRecord } from './circuit-record.ts';
import type { Range } from './output-command.ts';
import type { OutputState } from './output-state.ts';

export interface OutputFields {
  readonly settings: readonly SettingInfo[];
  readonly state: OutputState;
  readonly range: Range;
  /** As it was read last. */
  readonly level: Level | undefined;
  readonly needsConfirmation: boolean;
  readonly interlocks: readonly string[];
  readonly lease: Lease | undefined;
}

/** An output as clients see it. */
export function outputView(record: CircuitRecord, fields: OutputFields): CircuitView {
  const { settings, state, range, level, needsConfirmation, interlocks, lease } = fields;
  const { reading, place } = record;
  const { channel } = place;
  const { cause, program } = state.standing;
  const startUp = state.first.target?.kind === 'level' ? state.first.target.level.value : undefined;
  const unit = reading?.unit ?? channel.unit;
  const isAnalog = channel.signal === 'analog';
  return record.view({
    ...(level && { value: level.value }),
    ...(level?.pwm && { pwm: level.pwm }),
    ...(unit !== undefined && { unit }),
    ...(isAnalog && Number.isFinite(range.minimum) && { minimum: range.minimum }),
    ...(isAnalog && Number.isFinite(range.maximum) && { maximum: range.maximum }),
    ...(channel.step !== undefined && { step: channel.step }),
    settings,
    settingValues: reading?.settings ?? {},
    isOverRange: reading?.isOverRange ?? false,
    output: {
      cause,
      ...(program && { running: program.kind }),
      ...(state.safe && { safe: state.safe.value }),
      ...(startUp !== undefined && { startUp }),
      needsConfirmation,
      interlocks,
      ...(lease && { lease }),
    },
  });
}
