import type { ChannelInfo, CircuitKey, Level } from '../circuit.ts';
import type { OutputCommand } from '../circuit-view.ts';
import { circuitValueInvalid, ioUnsupported } from '../errors.ts';
import type { Standing, Target } from './output-state.ts';
import type { Program } from './program.ts';

/** What a command is checked against. */
export interface OutputFacts {
  readonly key: CircuitKey;
  readonly channel: ChannelInfo;
  /** In which values of an analog output lie. */
  readonly range: Range;
  readonly safe: Level | undefined;
}

export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

const LONGEST_MS = 86_400_000;
const MOST_STEPS = 1000;
const MOST_REPEATS = 1_000_000;

/**
 * What a command puts in force.
 * @returns undefined for `cancel`.
 * @throws AppError CIRCUIT_VALUE_INVALID, IO_UNSUPPORTED
 */
export function standingOf(command: OutputCommand, facts: OutputFacts): Standing | undefined {
  switch (command.kind) {
    case 'level':
      checkLevel(command.level, facts);
      return { cause: 'command', target: { kind: 'level', level: command.level } };
    case 'pulse':
      return running(pulse(command, facts));
    case 'sequence': {
      const program = sequence(command, facts);
      const blink = facts.channel.features.blink === true ? blinkOf(program) : undefined;
      return blink === undefined ? running(program) : { cause: 'command', target: blink, program };
    }
    case 'cancel':
      return undefined;
    default:
      return command satisfies never;
  }
}

function running(program: Program): Standing {
  const value = program.steps[0]?.value ?? 0;
  return { cause: 'command', target: { kind: 'level', level: { value } }, program };
}

function pulse(command: OutputCommand & { kind: 'pulse' }, facts: OutputFacts): Program {
  const { value, durationMs } = command;
  checkValue(value, 'the value of the pulse', facts);
  checkDuration(durationMs, 'the duration of the pulse', facts);
  const isDigital = facts.channel.signal === 'digital';
  if (!isDigital && facts.safe === undefined) {
    throw circuitValueInvalid(facts.key, 'the pulse', value, 'none: without a safe value it has no end');
  }
  const end = isDigital ? { value: 1 - value } : 'safe';
  return { kind: 'pulse', steps: [{ value, durationMs }], repeat: 1, end };
}

function sequence(command: OutputCommand & { kind: 'sequence' }, facts: OutputFacts): Program {
  const { steps, repeat, deadlineMs } = command;
  if (steps.length < 1 || steps.length > MOST_STEPS) {
    throw circuitValueInvalid(facts.key, 'the number of steps', steps.length, `1 to ${MOST_STEPS}`);
  }
  for (const [place, { value, durationMs }] of steps.entries()) {
    checkValue(value, `the value of step ${place + 1}`, facts);
    checkDuration(durationMs, `the duration of step ${place + 1}`, facts);
  }
  if (!Number.isInteger(repeat) || repeat < 0 || repeat > MOST_REPEATS) {
    throw circuitValueInvalid(facts.key, 'repeat', repeat, `a whole number from 0 to ${MOST_REPEATS}`);
  }
  if (deadlineMs !== undefined) checkDuration(deadlineMs, 'the deadline', facts);
  return { kind: 'sequence', steps, repeat, ...(deadlineMs !== undefined && { deadlineMs }), end: 'safe' };
}

/** An endless change between on and off, which hardware can do by itself. */
function blinkOf({ steps, repeat, deadlineMs }: Program): Target | undefined {
  const [on, off, third] = steps;
  if (on?.value !== 1 || off?.value !== 0 || third !== undefined) return undefined;
  if (repeat !== 0 || deadlineMs !== undefined) return undefined;
  return { kind: 'blink', onMs: on.durationMs, offMs: off.durationMs };
}

function checkLevel({ value, pwm }: Level, facts: OutputFacts): void {
  checkValue(value, 'value', facts);
  if (pwm === undefined) return;
  const { key, channel } = facts;
  const range = channel.features.pwm;
  if (range === undefined) throw ioUnsupported(key, 'be driven by pulse width');
  const { dutyPercent, frequencyHz } = pwm;
  if (!(dutyPercent >= 0 && dutyPercent <= 100)) {
    throw circuitValueInvalid(key, 'the duty cycle', dutyPercent, '0 to 100 %');
  }
  if (!(frequencyHz >= range.minimumHz && frequencyHz <= range.maximumHz)) {
    throw circuitValueInvalid(
      key,
      'the frequency',
      frequencyHz,
      `${range.minimumHz} to ${range.maximumHz} Hz`,
    );
  }
  const expected = dutyPercent > 0 ? 1 : 0;
  if (value !== expected) {
    throw circuitValueInvalid(key, 'value', value, `${expected} with a duty cycle of ${dutyPercent} %`);
  }
}

function checkValue(value: number, field: string, { key, channel, range }: OutputFacts): void {
  if (channel.signal === 'digital') {
    if (value !== 0 && value !== 1) throw circuitValueInvalid(key, field, value, '0 or 1');
  } else if (!(value >= range.minimum && value <= range.maximum)) {
    const unit = channel.unit === undefined ? '' : ` ${channel.unit}`;
    throw circuitValueInvalid(key, field, value, `${range.minimum} to ${range.maximum}${unit}`);
  }
}

function checkDuration(ms: number, field: string, { key }: OutputFacts): void {
  if (ms >= 1 && ms <= LONGEST_MS) return;
  throw circuitValueInvalid(key, field, ms, `1 to ${LONGEST_MS} ms`);
}
