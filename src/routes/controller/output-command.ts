import type { CircuitView, OutputCommand } from '../../hardware/io/circuit-view.ts';
import { circuitValueInvalid, ioUnsupported } from '../../hardware/io/errors.ts';
import {
  type Field,
  listField,
  MAX_TIME_MS,
  numberField,
  objectField,
  switchField,
  valueField,
  wholeField,
} from './body-value.ts';
import { pwmFrequency } from './representation.ts';

/** Fields of a body that say what an output shall do. */
export const COMMAND_FIELDS = [
  'value',
  'pwm_duty',
  'pwm_freq',
  'pulse_ms',
  'blink',
  'sequence',
  'repeat',
  'deadline_ms',
  'cancel',
] as const;
export type CommandField = (typeof COMMAND_FIELDS)[number];

/** The fields that a body has, by name. */
export type Fields = ReadonlyMap<string, Field>;

/** Most steps of a sequence, and most times that it runs. */
export const MAX_STEPS = 1000;
export const MAX_REPEATS = 1_000_000;
const MAX_FREQUENCY_HZ = 1e9;

/** What each field may stand beside; of two that do not go together only one can be meant. */
const BESIDE: Readonly<Record<CommandField, readonly CommandField[]>> = {
  value: ['pwm_duty', 'pwm_freq', 'pulse_ms'],
  pwm_duty: ['value', 'pwm_freq'],
  pwm_freq: ['value', 'pwm_duty'],
  pulse_ms: ['value'],
  blink: ['deadline_ms'],
  sequence: ['repeat', 'deadline_ms'],
  repeat: ['sequence', 'deadline_ms'],
  deadline_ms: ['sequence', 'repeat', 'blink'],
  cancel: [],
};

/**
 * What a body asks of an output.
 * @returns undefined when none of its fields is about that.
 * @throws AppError CIRCUIT_VALUE_INVALID, IO_UNSUPPORTED
 */
export function outputCommand(view: CircuitView, fields: Fields): OutputCommand | undefined {
  const given = COMMAND_FIELDS.flatMap((name) => fields.get(name) ?? []);
  assertTogether(given);
  const field = (name: CommandField): Field | undefined => fields.get(name);

  const cancel = field('cancel');
  if (cancel !== undefined) return switchField(cancel) ? { kind: 'cancel' } : undefined;
  const pulse = field('pulse_ms');
  if (pulse !== undefined) return pulseOf(view, pulse, field('value'));
  const deadline = field('deadline_ms');
  const limit = deadline && { deadlineMs: wholeField(deadline, 1, MAX_TIME_MS) };
  const blink = field('blink');
  if (blink !== undefined) return { ...blinkOf(view, blink), ...limit };
  const sequence = field('sequence');
  const repeat = field('repeat');
  if (sequence !== undefined) {
    const steps = listField(sequence, 1, MAX_STEPS).map((step) => {
      const { value, ms } = Object.fromEntries(objectField(step, ['value', 'ms']));
      // objectField has seen to it that both are there
      return { value: valueField(value as Field, view), durationMs: wholeField(ms as Field, 1, MAX_TIME_MS) };
    });
    return {
      kind: 'sequence',
      steps,
      repeat: repeat ? wholeField(repeat, 0, MAX_REPEATS) : 1,
      ...limit,
    };
  }
  const alone = repeat ?? deadline;
  if (alone !== undefined) throw invalid(alone, 'a sequence beside it');
  return levelOf(view, {
    value: field('value'),
    duty: field('pwm_duty'),
    frequency: field('pwm_freq'),
    mode: fields.get('mode')?.seen,
  });
}

function invalid({ circuit, name, seen }: Field, expected: string): Error {
  return circuitValueInvalid(circuit, name, seen, expected);
}

function assertTogether(given: readonly Field[]): void {
  for (const field of given) {
    const other = given.find(({ name }) => {
      // every field is one of COMMAND_FIELDS
      return name !== field.name && !BESIDE[field.name as CommandField].includes(name as CommandField);
    });
    if (other !== undefined) throw invalid(other, `none beside ${field.name}`);
  }
}

function pulseOf(view: CircuitView, pulse: Field, value: Field | undefined): OutputCommand {
  const durationMs = wholeField(pulse, 1, MAX_TIME_MS);
  if (value !== undefined) return { kind: 'pulse', value: valueField(value, view), durationMs };
  if (view.channel.signal === 'digital') return { kind: 'pulse', value: 1, durationMs };
  throw invalid(pulse, 'a value beside it');
}

function blinkOf(view: CircuitView, blink: Field) {
  if (view.channel.signal !== 'digital') throw ioUnsupported(view.key, 'blink: it is analog');
  const fields = Object.fromEntries(objectField(blink, ['on_ms', 'off_ms'], ['count']));
  // objectField has seen to it that both are there
  const onMs = wholeField(fields['on_ms'] as Field, 1, MAX_TIME_MS);
  const offMs = wholeField(fields['off_ms'] as Field, 1, MAX_TIME_MS);
  const count = fields['count'];
  return {
    kind: 'sequence',
    steps: [
      { value: 1, durationMs: onMs },
      { value: 0, durationMs: offMs },
    ],
    repeat: count === undefined ? 0 : wholeField(count, 1, MAX_REPEATS),
  } as const;
}

interface LevelFields {
  readonly value: Field | undefined;
  readonly duty: Field | undefined;
  readonly frequency: Field | undefined;
  /** One of the circuit's, if it has any. */
  readonly mode: unknown;
}

/**
 * Robopipe's clients send value, duty cycle and frequency together: a value with a duty cycle of 0 or 100 switches,
 * everything between is pulse width. A mode alone keeps the level.
 */
function levelOf(
  view: CircuitView,
  { value, duty, frequency, mode }: LevelFields,
): OutputCommand | undefined {
  const isModeAlone = value === undefined && duty === undefined && frequency === undefined;
  if (isModeAlone && view.channel.features.pwm === undefined) return undefined;
  if (isModeAlone && mode === 'Simple') return { kind: 'level', level: { value: view.value ?? 0 } };
  if (isModeAlone && mode !== 'PWM') return undefined;
  const wanted = value && valueField(value, view);
  const percent = duty && numberField(duty, 0, 100);
  const hertz = frequency && numberField(frequency, 0, MAX_FREQUENCY_HZ);
  if (value !== undefined && percent !== undefined && wanted !== (percent > 0 ? 1 : 0)) {
    if (mode !== 'Simple')
      throw invalid(value, `${percent > 0 ? 1 : 0} beside pwm_duty ${percent}, or one of the two alone`);
    // The answer of an output that is switched, sent back: 0 and 100 came of the value it had, all else is new.
    const isOld = percent === 0 || percent === 100;
    return levelOf(view, {
      value: isOld ? value : undefined,
      duty: isOld ? undefined : duty,
      frequency,
      mode,
    });
  }
  const isSwitched = percent === undefined || percent === 0 || percent === 100;
  if (wanted !== undefined && isSwitched) return { kind: 'level', level: { value: wanted } };
  if (view.channel.features.pwm === undefined) {
    if (percent === undefined || !isSwitched) throw ioUnsupported(view.key, 'be driven by pulse width');
    return { kind: 'level', level: { value: percent / 100 } };
  }
  const dutyPercent = percent ?? view.pwm?.dutyPercent ?? (view.value ?? 0) * 100;
  const pwm = { dutyPercent, frequencyHz: hertz ?? pwmFrequency(view) };
  return { kind: 'level', level: { value: dutyPercent > 0 ? 1 : 0, pwm } };
}
