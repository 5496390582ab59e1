import { type AppError, toAppError } from '../../../core/app-error.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import { type RetrySchedule, retryDelayMs } from '../../../core/retry-schedule.ts';
import type { ChannelReading, CircuitKey, Health, Level, SettingInfo, SettingValue } from '../circuit.ts';
import type { CircuitView, EventCause } from '../circuit-view.ts';
import { interlockHeld } from '../errors.ts';
import { type Circuit, configureDriver } from './circuit.ts';
import type { CircuitRecord } from './circuit-record.ts';
import type { InterlockedOutput, InterlockGroups } from './interlocks.ts';
import type { Leases } from './leases.ts';
import type { OutputFacts, Range } from './output-command.ts';
import { firstLevel, inverted, rangeOf, safeLevel, sameLevel, startUpStanding } from './output-level.ts';
import type { OutputSettings } from './output-settings.ts';
import {
  canBeOn,
  goesOn,
  isDue,
  isOn,
  newOutput,
  type OutputEffect,
  type OutputInput,
  type OutputState,
  type Standing,
  type Target,
  transition,
} from './output-state.ts';
import { outputView } from './output-view.ts';
import { dueUs } from './program.ts';
import { Ramp } from './ramp.ts';

export interface OutputOptions {
  readonly settings: OutputSettings;
  /** The last run of the service ended without switching its outputs. */
  readonly isAfterCrash: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly leases: Leases;
  readonly interlocks: InterlockGroups<Output>;
  /** From 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  /** Writes what is due, soon. */
  readonly flush: () => void;
}

const RETRY: RetrySchedule = { firstMs: 50, maxMs: 5000, jitter: 0.2 };

/** An output: holds what is in force for it, and owns the timer of what runs. */
export class Output implements Circuit, InterlockedOutput {
  readonly record: CircuitRecord;
  readonly settings: readonly SettingInfo[];
  readonly #options: OutputOptions;
  readonly #ramp: Ramp | undefined;
  #state: OutputState;
  #range: Range;
  #timer: Timer | undefined;
  #timerUs: number | undefined;
  /** What a call that is under way writes. */
  #inFlight: Target | undefined;
  /** What calls that were given up may still write. */
  readonly #abandoned = new Set<Target>();
  /** The last reading is later than the last doubt about the hardware. */
  #isRead = false;
  /** The hardware was silent: what it does is compared with what it should. */
  #isSuspect = false;
  #failures = 0;
  #problem: AppError | undefined;
  #notBeforeUs = 0;
  /** The value of the last event. */
  #told: number | undefined;

  constructor(record: CircuitRecord, options: OutputOptions) {
    this.record = record;
    this.#options = options;
    const { channel } = record.place;
    const { settings, isAfterCrash } = options;
    this.settings = channel.settings;
    this.#range = rangeOf(channel, undefined, settings);
    const safe = safeLevel(settings, channel.signal, this.#range);
    this.#state = newOutput(safe, startUpStanding(settings, safe, isAfterCrash));
    if (settings.slewPerSecond !== undefined) this.#ramp = new Ramp(settings.slewPerSecond);
  }

  get key(): CircuitKey {
    return this.record.key;
  }

  /** What commands are checked against. */
  get facts(): OutputFacts {
    const { channel } = this.record.place;
    return { key: this.key, channel, range: this.#range, safe: this.#state.safe };
  }

  /** Within the configured limits, when its channel has another mode. */
  rangeIn(mode: { readonly minimum: number; readonly maximum: number }): Range {
    return rangeOf(this.record.place.channel, mode, this.#options.settings);
  }

  /** What the hardware is to have when it is next taken hold of. */
  get initialLevel(): Level | undefined {
    const { wasUp, safe, first } = this.#state;
    const level = wasUp ? safe : first.target?.kind === 'level' ? first.target.level : undefined;
    return level && firstLevel(level, this.#interlocks.length > 0, this.#options.settings);
  }

  get mayBeOn(): boolean {
    const { tried, isUp, written } = this.#state;
    if (!isUp || !this.#isRead || this.#value !== 0) return true;
    const targets = [this.#inFlight, tried?.target, written, ...this.#abandoned];
    return targets.some((target) => target !== undefined && isOn(target));
  }

  /** Keeps others of its interlock groups off. */
  get holdsInterlock(): boolean {
    return this.mayBeOn || canBeOn(this.#state);
  }

  /** What a cancelled command leaves may be on too: the safe value. */
  goesOn(standing: Standing | undefined): boolean {
    return standing === undefined ? (this.#state.safe?.value ?? 0) !== 0 : goesOn(standing);
  }

  /** Still to be written, now or later. */
  get isDue(): boolean {
    return isDue(this.#state);
  }

  /** It was left alone, or its hardware has what stands. */
  get isAtRest(): boolean {
    const { wasUp, isUp, safe } = this.#state;
    return !wasUp || (isUp ? !this.isDue : safe === undefined);
  }

  /** Before this moment it is not written. */
  get notBeforeUs(): number {
    return this.#notBeforeUs;
  }

  /** Failed last time: to be written apart from others, who are not to fail with it. */
  get problem(): AppError | undefined {
    return this.#problem;
  }

  get needsPosition(): boolean {
    return this.#ramp?.isLost === true && !this.#state.isStopped;
  }

  /** The other output that keeps this one off, if what is to be written is on. */
  withheldBy(isTry: boolean): { readonly output: Output; readonly group: string } | undefined {
    const target = (isTry ? this.#state.tried : this.#state.standing)?.target;
    if (target === undefined || !isOn(target)) return undefined;
    return this.#options.interlocks.peers(this.key).find(({ output }) => output.mayBeOn);
  }

  /** Begins a call. @returns what it is to write, or undefined when there is nothing any more. */
  begin(isTry: boolean): Target | undefined {
    const target = (isTry ? this.#state.tried : this.#state.standing)?.target;
    if (target === undefined || (!isTry && !this.isDue)) return undefined;
    const { clock } = this.#options;
    const isRamped = target.kind === 'level' && this.#ramp !== undefined && !this.#state.isStopped;
    this.#inFlight = isRamped
      ? { kind: 'level', level: { value: this.#ramp.next(target.level.value, clock.monotonicUs()) } }
      : target;
    this.#isRead = false;
    return this.#inFlight;
  }

  /** The call succeeded, and what was read back has been told. */
  done(target: Target, isTry: boolean): void {
    const nowUs = this.#options.clock.monotonicUs();
    this.#inFlight = undefined;
    this.#isRead = true;
    this.#failures = 0;
    this.#problem = undefined;
    if (target.kind === 'level') this.#ramp?.reached(target.level.value, nowUs);
    this.input({ kind: 'written', target, isTry, nowUs });
    this.#notBeforeUs = this.isDue && this.#ramp !== undefined ? this.#ramp.nextUs : 0;
    if (this.#value !== this.#told) this.#tell('reading');
    this.#flushPeers();
  }

  /** The call failed: tries again later what is then in force. */
  failed(error: unknown, isTry: boolean): void {
    const { clock, random, log } = this.#options;
    this.#inFlight = undefined;
    this.#isRead = false;
    this.#problem = toAppError(error);
    this.#failures = isTry ? 0 : this.#failures + 1;
    const delayMs = isTry ? 0 : retryDelayMs(RETRY, this.#failures, random());
    this.#notBeforeUs = clock.monotonicUs() + delayMs * 1000;
    if (this.#failures < 2) {
      log.warn({ circuit: this.key, err: error }, `${this.key} could not be written`);
      this.record.tellFault(this.#value, error);
    }
    this.input({ kind: 'write-failed', isTry });
  }

  /** The call was given up, but may still have an effect: what is in force is written once more after it. */
  abandon(target: Target, call: Promise<unknown>): void {
    const written = { ...target };
    this.#abandoned.add(written);
    const settled = (): void => {
      if (this.#abandoned.delete(written)) this.input({ kind: 'doubt' });
    };
    call.then(settled, settled);
  }

  /** An input switches it, unless its interlock group forbids. `toggle`: to the opposite of what is in force. */
  switch(to: 0 | 1 | 'toggle'): void {
    const value = to === 'toggle' ? (this.#isCommandedOn ? 0 : 1) : to;
    const held = this.#options.interlocks.peers(this.key).find(({ output }) => output.holdsInterlock);
    if (value === 0 || held === undefined) {
      this.input({ kind: 'switch', value });
      return;
    }
    const error = interlockHeld(this.key, held.output.key, held.group);
    this.#options.log.debug({ circuit: this.key }, error.message);
    this.record.tellFault(this.#value, error);
  }

  input(input: OutputInput): void {
    const before = this.#state;
    const { state, effects } = transition(before, input);
    this.#state = state;
    const isNew = state.standing.target !== before.standing.target || state.isUp !== before.isUp;
    if (isNew && input.kind !== 'write-failed') {
      this.#failures = 0;
      this.#notBeforeUs = 0;
    }
    if (state.written === undefined && before.written !== undefined) this.#isRead = false;
    this.#setTimer();
    for (const effect of effects) this.#perform(effect);
  }

  view(): CircuitView {
    const { lease } = this.#state.standing;
    const { reading } = this.record;
    return outputView(this.record, {
      settings: this.settings,
      state: this.#state,
      range: this.#range,
      level: reading && this.#swapped(reading.level),
      needsConfirmation: this.#options.settings.needsConfirmation,
      interlocks: this.#interlocks,
      lease: lease === undefined ? undefined : this.#options.leases.get(lease),
    });
  }

  onReading(reading: ChannelReading): void {
    const hasNewSettings = this.record.accept(reading);
    this.#followMode(reading);
    if (this.#inFlight === undefined) this.#isRead = true;
    const value = this.#value;
    if (this.#ramp?.isLost && value !== undefined) {
      this.#ramp.reached(value, this.#options.clock.monotonicUs());
    }
    if (this.#isSuspect) this.#compare(reading);
    if (this.#inFlight === undefined && value !== this.#told) {
      this.#tell('reading');
      this.#flushPeers();
    }
    if (hasNewSettings) this.#tell('setting');
  }

  onEdge(): void {}

  onHealth(before: Health['state']): void {
    const { state } = this.record.health;
    if (state === 'down') {
      this.#ramp?.lose();
      this.#inFlight = undefined;
      this.#problem = undefined;
      this.input({ kind: 'down' });
    } else if (state === 'ok') {
      if (before === 'down') this.#isRead = false;
      this.#isSuspect = before === 'stale' && this.#state.isUp;
      this.input({ kind: 'up' });
    }
  }

  configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    return configureDriver(
      { record: this.record, onReading: (reading) => this.onReading(reading) },
      settings,
    );
  }

  flush(): void {
    if (this.isDue) this.#options.flush();
  }

  /** A target as the hardware has to be told. */
  toHardware(target: Target): Target {
    if (target.kind === 'level') return { kind: 'level', level: this.#swapped(target.level) };
    const { onMs, offMs } = target;
    return this.#options.settings.isInverted ? { kind: 'blink', onMs: offMs, offMs: onMs } : target;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  get #value(): number | undefined {
    const { reading } = this.record;
    return reading && this.#swapped(reading.level).value;
  }

  get #isCommandedOn(): boolean {
    const { tried, standing } = this.#state;
    const { target } = tried ?? standing;
    return target === undefined ? this.#value === 1 : isOn(target);
  }

  get #interlocks(): readonly string[] {
    return this.#options.interlocks.of(this.key);
  }

  /** As the hardware is told it, or the other way round. */
  #swapped(level: Level): Level {
    return this.#options.settings.isInverted ? inverted(level) : level;
  }

  #perform(effect: OutputEffect): void {
    switch (effect.kind) {
      case 'write':
        this.#options.flush();
        return;
      case 'join':
        if (!this.#options.leases.join(effect.lease, this.key)) {
          this.input({ kind: 'lease-end', lease: effect.lease });
        }
        return;
      case 'leave':
        this.#options.leases.leave(effect.lease, this.key);
        return;
      case 'tell': {
        const { cause, lease } = effect.telling;
        this.#tell(cause, lease === undefined ? {} : { lease });
        return;
      }
      default:
        effect satisfies never;
    }
  }

  #setTimer(): void {
    const { run } = this.#state.standing;
    const atUs = run && dueUs(run);
    if (atUs === this.#timerUs) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerUs = atUs;
    const { clock } = this.#options;
    this.#timer =
      atUs === undefined
        ? undefined
        : clock.after(Math.max(0, (atUs - clock.monotonicUs()) / 1000), () => {
            this.#timerUs = undefined;
            this.#step(run?.deadlineUs ?? 0);
          });
  }

  /** What runs goes on, once the hardware has had the present step: until it answers or fails, and sets the timer anew. */
  #step(deadlineUs: number): void {
    const nowUs = this.#options.clock.monotonicUs();
    const isUnderWay = this.isDue && this.#problem === undefined && this.withheldBy(false) === undefined;
    if (isUnderWay && this.#ramp === undefined && nowUs < deadlineUs) return;
    this.input({ kind: 'step-due', nowUs });
  }

  /** The range and the safe value within it follow the mode of the channel. */
  #followMode(reading: ChannelReading): void {
    const { channel } = this.record.place;
    const { settings } = this.#options;
    this.#range = rangeOf(channel, reading, settings);
    const safe = safeLevel(settings, channel.signal, this.#range);
    if (safe?.value !== this.#state.safe?.value) this.#state = { ...this.#state, safe };
  }

  /** After silence: whether the hardware still does what it was told. */
  #compare({ level }: ChannelReading): void {
    const { written } = this.#state;
    if (this.#inFlight !== undefined) return;
    this.#isSuspect = false;
    const step = this.record.place.channel.step ?? 0;
    const isSame = written?.kind === 'level' && sameLevel(written.level, this.#swapped(level), step);
    if (!isSame) this.input({ kind: 'doubt' });
    this.#isRead = true;
  }

  #tell(cause: EventCause, more: { readonly lease?: string } = {}): void {
    this.#told = this.#value;
    this.record.tell(cause, this.#value, more);
  }

  #flushPeers(): void {
    for (const { output } of this.#options.interlocks.peers(this.key)) output.flush();
  }
}
