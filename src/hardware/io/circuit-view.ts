import type { ChannelInfo, CircuitKey, Edge, Health, Level, SettingInfo, SettingValue } from './circuit.ts';

/** Why an output is at its level. */
export const OUTPUT_CAUSES = ['unknown', 'start-up', 'safe', 'command', 'direct-switch', 'kept'] as const;
export type OutputCause = (typeof OUTPUT_CAUSES)[number];

/** What a client asks of an output. Times in milliseconds. */
export type OutputCommand =
  /** Hold a level. `pwm` absent: switched, not pulsed. */
  | { readonly kind: 'level'; readonly level: Level }
  /** Be at `value` for a time, then at the opposite (digital) or at the safe value (analog). Repeated: prolonged. */
  | { readonly kind: 'pulse'; readonly value: number; readonly durationMs: number }
  /**
   * A list of values with their durations, run `repeat` times (0: until something ends it), for `deadlineMs` at the
   * most. Blinking is `[{1, on}, {0, off}]`. Ends at the safe value where there is one, else at the last value.
   */
  | {
      readonly kind: 'sequence';
      readonly steps: readonly { readonly value: number; readonly durationMs: number }[];
      readonly repeat: number;
      readonly deadlineMs?: number;
    }
  /** End whatever runs, give the lease up, go to the safe value. */
  | { readonly kind: 'cancel' };

/** A lease as its holder sees it. */
export interface Lease {
  readonly id: string;
  readonly circuits: readonly CircuitKey[];
  /** How long it lasts from each renewal, in milliseconds. */
  readonly durationMs: number;
  /** Milliseconds left; the whole duration while it is held by a socket. */
  readonly remainingMs: number;
  readonly isHeld: boolean;
}

/** Everything there is to know of a circuit now. */
export interface CircuitView {
  readonly key: CircuitKey;
  readonly channel: ChannelInfo;
  readonly driver: { readonly name: string; readonly kind: string };
  readonly label: string;
  readonly alias?: string;
  readonly health: Health;
  /** Absent until it has been read once. Processed: calibrated, filtered, inverted, debounced. */
  readonly value?: number;
  readonly pwm?: Level['pwm'];
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly step?: number;
  /** The driver's settings, and those the board adds: `debounce`, `counter`, `mode` of a digital input. */
  readonly settings: readonly SettingInfo[];
  readonly settingValues: Readonly<Record<string, SettingValue>>;
  readonly details: Readonly<Record<string, unknown>>;
  /** Milliseconds since the hardware last confirmed the value. */
  readonly ageMs?: number;
  readonly isOverRange: boolean;
  readonly input?: {
    readonly isInverted: boolean;
    /** Counted edges per second, 0 when none came for a while. */
    readonly frequencyHz: number;
    /** Edges the kernel lost since the start. */
    readonly lostEdges: number;
    /** The output that this input switches in mode DirectSwitch. */
    readonly switches?: CircuitKey;
  };
  readonly output?: {
    readonly cause: OutputCause;
    /** What runs: a pulse or a sequence. */
    readonly running?: 'pulse' | 'sequence';
    /** Undefined: has none, is left as it is. */
    readonly safe?: number;
    readonly startUp?: number;
    /** A person has to confirm before a page switches it. */
    readonly needsConfirmation: boolean;
    /** Names of the interlock groups it belongs to. */
    readonly interlocks: readonly string[];
    readonly lease?: Lease;
  };
}

/** Why a circuit is told of. */
export const EVENT_CAUSES = [
  'edge',
  'reading',
  'command',
  'pulse-end',
  'sequence-step',
  'sequence-end',
  'lease-end',
  'cancel',
  'start-up',
  'safe',
  'direct-switch',
  'setting',
  'health',
  'fault',
] as const;
export type EventCause = (typeof EVENT_CAUSES)[number];

/** One change of one circuit. */
export interface CircuitEvent {
  /** Counts all events of the board, from 1. */
  readonly number: number;
  readonly cause: EventCause;
  readonly key: CircuitKey;
  /** The circuit's value after the change; absent while it has never been read. */
  readonly value?: number;
  /** With readings of analog inputs. */
  readonly isOverRange?: boolean;
  /** Present value of the counter of a digital input that counts. */
  readonly counter?: number;
  /** With the cause `edge`. `edge` is of the processed value: inverted inputs rise when the line falls. */
  readonly edge?: Edge;
  /** When it happened, CLOCK_MONOTONIC in microseconds; an edge's own stamp says it finer. */
  readonly atUs: number;
  /** With the causes `health` and `fault`. */
  readonly health?: Health;
  readonly lease?: string;
}

/** Writes of one request to one circuit. */
export interface CircuitWrite {
  readonly key: CircuitKey;
  readonly command?: OutputCommand;
  readonly settings?: Readonly<Record<string, SettingValue>>;
}

export interface LeaseRequest {
  /** How long the outputs keep what is written unless the lease is renewed, 50 to 3,600,000 ms. */
  readonly durationMs: number;
}
