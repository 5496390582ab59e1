import type { Level } from '../circuit.ts';
import type { EventCause, OutputCause } from '../circuit-view.ts';
import { advance, type Program, type Run, start } from './program.ts';

/** What the hardware is to do. `blink` has it alternate by itself. */
export type Target =
  | { readonly kind: 'level'; readonly level: Level }
  | { readonly kind: 'blink'; readonly onMs: number; readonly offMs: number };

/** What an output is held at, and why. */
export interface Standing {
  readonly cause: OutputCause;
  /** Undefined: the hardware is left as it is. */
  readonly target?: Target;
  readonly program?: Program;
  /** Where the program is; absent while the hardware runs it. */
  readonly run?: Run;
  readonly lease?: string;
}

/** An event that is told once the hardware has followed. */
export interface Telling {
  readonly cause: EventCause;
  readonly lease?: string;
}

/**
 * The life of an output. Pure: `output.ts` performs the effects and owns the timer, `output-writer.ts` writes.
 *
 * `standing` is in force; `tried` is being written for a client and takes its place once the hardware has it, or is
 * dropped. Commands and leases survive silence, but not the return of hardware that was away.
 */
export interface OutputState {
  /** Undefined: has none. */
  readonly safe: Level | undefined;
  /** In force from the first time that the hardware works. */
  readonly first: Standing;
  readonly isUp: boolean;
  readonly wasUp: boolean;
  /** The service stops: nothing but the safe value is written any more. */
  readonly isStopped: boolean;
  readonly standing: Standing;
  readonly tried?: Standing | undefined;
  /** What the hardware is known to have taken; undefined: not known. */
  readonly written?: Target | undefined;
  readonly untold: readonly Telling[];
}

export type OutputInput =
  /** The hardware works, after it did not. */
  | { readonly kind: 'up' }
  | { readonly kind: 'down' }
  /** A client's command is about to be written. */
  | { readonly kind: 'try'; readonly standing: Standing }
  /** A client gives up what stands, whether the safe value can be written or not. */
  | { readonly kind: 'cancel' }
  /** It is not going to be written: another part of the request failed. */
  | { readonly kind: 'withdraw' }
  /** The hardware took a target: of the tried command, or of what stands. */
  | { readonly kind: 'written'; readonly target: Target; readonly isTry: boolean; readonly nowUs: number }
  /** What the hardware does now is not known. */
  | { readonly kind: 'write-failed'; readonly isTry: boolean }
  | { readonly kind: 'doubt' }
  | { readonly kind: 'step-due'; readonly nowUs: number }
  | { readonly kind: 'lease-end'; readonly lease: string }
  /** An input switches it. */
  | { readonly kind: 'switch'; readonly value: 0 | 1 }
  | { readonly kind: 'stop' };

export type OutputEffect =
  /** What stands differs from what the hardware has. */
  | { readonly kind: 'write' }
  | { readonly kind: 'join'; readonly lease: string }
  | { readonly kind: 'leave'; readonly lease: string }
  | { readonly kind: 'tell'; readonly telling: Telling };

export interface OutputStep {
  readonly state: OutputState;
  readonly effects: readonly OutputEffect[];
}

/** An output whose hardware has not been found yet. */
export function newOutput(safe: Level | undefined, first: Standing): OutputState {
  return {
    safe,
    first,
    isUp: false,
    wasUp: false,
    isStopped: false,
    standing: { cause: 'unknown' },
    untold: [],
  };
}

/** Whether what stands has to be written. A tried command is written by its own request. */
export function isDue({ isUp, tried, standing: { target }, written }: OutputState): boolean {
  return isUp && tried === undefined && target !== undefined && !isSameTarget(target, written);
}

/** Whether it is on, or can go on without anybody asking again. */
export function canBeOn({ standing, tried }: OutputState): boolean {
  return [standing, tried].some((one) => one !== undefined && goesOn(one));
}

export function goesOn({ target, program }: Standing): boolean {
  if (program !== undefined) {
    const { steps, end } = program;
    return steps.some(({ value }) => value !== 0) || (end !== 'safe' && end.value !== 0);
  }
  return target !== undefined && isOn(target);
}

export function isOn(target: Target): boolean {
  return target.kind === 'blink' || target.level.value !== 0;
}

export function isSameTarget(a: Target, b: Target | undefined): boolean {
  if (a.kind === 'blink') return b?.kind === 'blink' && a.onMs === b.onMs && a.offMs === b.offMs;
  return (
    b?.kind === 'level' &&
    a.level.value === b.level.value &&
    a.level.pwm?.dutyPercent === b.level.pwm?.dutyPercent &&
    a.level.pwm?.frequencyHz === b.level.pwm?.frequencyHz
  );
}

/** The next state and what to do about it. An input that means nothing in a state changes nothing. */
export function transition(now: OutputState, input: OutputInput): OutputStep {
  switch (input.kind) {
    case 'up':
      return now.isUp ? { state: now, effects: [] } : up(now);
    case 'down':
      return finish({ ...now, ...AWAY, standing: withoutProgram(now.standing) });
    case 'try':
      return now.isStopped ? { state: now, effects: [] } : finish({ ...now, tried: input.standing });
    case 'cancel':
      return now.isStopped ? { state: now, effects: [] } : cancelled(now);
    case 'withdraw':
      return finish({ ...now, tried: undefined });
    case 'written':
      return written(now, input);
    case 'write-failed':
      return input.isTry ? failed(now) : finish({ ...now, written: undefined });
    case 'doubt':
      return finish({ ...now, written: undefined });
    case 'step-due':
      return stepped(now, input.nowUs);
    case 'lease-end':
      if (now.standing.lease !== input.lease) return { state: now, effects: [] };
      return finish(told({ ...now, standing: atSafe(now) }, { cause: 'lease-end', lease: input.lease }));
    case 'switch': {
      if (!now.isUp || now.isStopped) return { state: now, effects: [] };
      const target: Target = { kind: 'level', level: { value: input.value } };
      return supersede(now, { cause: 'direct-switch', target }, 'direct-switch');
    }
    case 'stop':
      return supersede({ ...now, isStopped: true }, atSafe(now), 'safe');
    default:
      return input satisfies never;
  }
}

const AWAY = { isUp: false, tried: undefined, written: undefined } as const;

function up(now: OutputState): OutputStep {
  const standing = now.wasUp || now.isStopped ? atSafe(now) : now.first;
  const state = { ...now, isUp: true, wasUp: true, written: undefined };
  if (standing.target === undefined) {
    const kept = replace(state, standing);
    return finish(kept.state, kept.effects);
  }
  return supersede(state, standing, standing.cause === 'start-up' ? 'start-up' : 'safe');
}

function cancelled(now: OutputState): OutputStep {
  const { state, effects } = replace(now, atSafe(now));
  const isDone = state.standing.target === undefined;
  return finish(isDone ? told(state, { cause: 'cancel' }) : { ...state, tried: state.standing }, effects);
}

type Written = Extract<OutputInput, { kind: 'written' }>;

function written(now: OutputState, { target, isTry, nowUs }: Written): OutputStep {
  const state = { ...now, written: now.isUp ? target : undefined };
  if (!isTry || now.tried === undefined) return tellAll(state);
  const { program, lease } = now.tried;
  const hasRun = program !== undefined && target.kind === 'level';
  const standing = hasRun ? { ...now.tried, run: start(program, nowUs) } : now.tried;
  const { state: next, effects } = replace({ ...state, tried: undefined }, standing);
  const cause = standing.cause === 'command' ? 'command' : 'cancel';
  const telling = { cause, ...(lease !== undefined && { lease }) } as const;
  const join = lease === undefined ? [] : [{ kind: 'join', lease } as const];
  return tellAll(told(next, telling), [...effects, ...join]);
}

/** The tried command failed: back to what stood before it, or to the safe value where nothing did. */
function failed(now: OutputState): OutputStep {
  const state = { ...now, tried: undefined, written: undefined };
  const isLeft = now.tried !== undefined && now.standing.target === undefined;
  return finish(isLeft ? { ...state, standing: atSafe(now) } : state);
}

function stepped(now: OutputState, nowUs: number): OutputStep {
  const { program, run } = now.standing;
  if (program === undefined || run === undefined) return { state: now, effects: [] };
  const next = advance(program, run, nowUs);
  if (next !== undefined) {
    const value = program.steps[next.index]?.value ?? 0;
    const target = { kind: 'level', level: { value } } as const;
    const state = { ...now, standing: { ...now.standing, run: next, target } };
    return finish(
      isSameTarget(target, now.standing.target) ? state : told(state, { cause: 'sequence-step' }),
    );
  }
  const ended = withoutProgram(now.standing);
  const level = program.end === 'safe' ? now.safe : program.end;
  const standing: Standing =
    level === undefined
      ? ended
      : { ...ended, cause: program.end === 'safe' ? 'safe' : ended.cause, target: { kind: 'level', level } };
  return finish(
    told({ ...now, standing }, { cause: program.kind === 'pulse' ? 'pulse-end' : 'sequence-end' }),
  );
}

/** Drops what is tried and puts something else in force. */
function supersede(now: OutputState, standing: Standing, cause: EventCause): OutputStep {
  const { state, effects } = replace({ ...now, tried: undefined }, standing);
  return finish(told(state, { cause }), effects);
}

/** Puts something else in force; the lease of what stood loses the output. */
function replace(now: OutputState, standing: Standing): OutputStep {
  const { lease } = now.standing;
  const isLeft = lease !== undefined && lease !== standing.lease;
  return { state: { ...now, standing }, effects: isLeft ? [{ kind: 'leave', lease }] : [] };
}

/** Where an output goes that nobody commands. One that has no safe value stays, but stops blinking. */
function atSafe({ safe, standing }: OutputState): Standing {
  if (safe !== undefined) return { cause: 'safe', target: { kind: 'level', level: safe } };
  if (standing.target?.kind !== 'blink') return { cause: 'kept' };
  return { cause: 'kept', target: { kind: 'level', level: { value: 0 } } };
}

function withoutProgram({ cause, target, lease }: Standing): Standing {
  return { cause, ...(target !== undefined && { target }), ...(lease !== undefined && { lease }) };
}

function told(state: OutputState, telling: Telling): OutputState {
  const isTold = state.untold.some(({ cause, lease }) => cause === telling.cause && lease === telling.lease);
  return isTold ? state : { ...state, untold: [...state.untold, telling] };
}

/** Has written what is due, and tells what has come about; what still has to be written is told then. */
function finish(state: OutputState, effects: readonly OutputEffect[] = []): OutputStep {
  if (isDue(state)) return { state, effects: [...effects, { kind: 'write' }] };
  return state.isUp && state.tried !== undefined ? { state, effects } : tellAll(state, effects);
}

function tellAll(state: OutputState, effects: readonly OutputEffect[] = []): OutputStep {
  const tellings = state.untold.map((telling) => ({ kind: 'tell', telling }) as const);
  const write = isDue(state) ? [{ kind: 'write' } as const] : [];
  return { state: { ...state, untold: [] }, effects: [...effects, ...tellings, ...write] };
}
