/** Types of circuits, named and ordered as Robopipe and evok list them. */
export const CIRCUIT_TYPES = [
  'di',
  'ro',
  'do',
  'ai',
  'ao',
  'sensor',
  'led',
  'wd',
  'modbus_slave',
  'owpower',
  'register',
  'data_point',
  'owbus',
  'device_info',
] as const;
export type CircuitType = (typeof CIRCUIT_TYPES)[number];

/** A circuit's name: `1_01`, `valve`. Unique within its type. */
export const CIRCUIT_NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9_.-]{0,63}';

/** Type and name of a circuit, the name under which the service knows it: `do/valve`. */
export type CircuitKey = `${CircuitType}/${string}`;

export function circuitKey(type: CircuitType, circuit: string): CircuitKey {
  return `${type}/${circuit}`;
}

/** The value of a setting: a mode's name, a debounce period, a switch. */
export type SettingValue = number | string | boolean;

/** A named field of a circuit besides its value, by evok's name: `mode`, `debounce`, `timeout`. */
export interface SettingInfo {
  readonly name: string;
  readonly kind: 'integer' | 'number' | 'boolean' | 'choice';
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Smallest difference of a number; what lies between takes the nearest. Absent: 1 of an integer, else none. */
  readonly step?: number;
  /** Of a choice. */
  readonly choices?: readonly string[];
  readonly isWritable: boolean;
}

/** A mode of an analog circuit, as evok's `modes` describe it. */
export interface ModeInfo {
  /** The hardware's number of the mode. */
  readonly value: number;
  readonly unit: string;
  readonly minimum: number;
  readonly maximum: number;
}

/** What the hardware behind a circuit can do by itself; the board does the rest in software. */
export interface ChannelFeatures {
  /** Changes of a digital input come as edges stamped by the kernel. */
  readonly edges?: boolean;
  /** The hardware or kernel debounces: the driver has a writable setting `debounce_us`. */
  readonly debounce?: boolean;
  /** The hardware counts: readings carry a setting `counter`. */
  readonly counter?: boolean;
  /** The output can be driven by pulse width. */
  readonly pwm?: { readonly minimumHz: number; readonly maximumHz: number };
  /** The driver has `blink`. */
  readonly blink?: boolean;
  /** The hardware switches an output with this input by itself: the driver has a setting `mode` with DirectSwitch. */
  readonly directSwitch?: boolean;
}

/**
 * One circuit as its driver describes it: one object, and one list of settings, as long as the driver is open. What only
 * the hardware tells (`unit`, `minimum`, `maximum`, `step`, `features`, the entries of `settings`) is filled in before the
 * channel's health is first told as ok; look it up when it is needed, and keep no copies. Range and unit that follow the
 * mode of an analog circuit are told by readings.
 */
export interface ChannelInfo {
  readonly type: CircuitType;
  readonly circuit: string;
  readonly direction: 'input' | 'output' | 'none';
  /** Digital values are 0 (inactive) and 1 (active); analog ones are in `unit`. `none` has only settings and details. */
  readonly signal: 'digital' | 'analog' | 'none';
  readonly unit?: string;
  /** Range of an analog value, in `unit`. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Smallest difference of an analog value, in `unit`. */
  readonly step?: number;
  readonly modes?: Readonly<Record<string, ModeInfo>>;
  readonly settings: readonly SettingInfo[];
  readonly features: ChannelFeatures;
  /** Where it is, as a person would look it up: `gpiochip0 line 17 (GPIO17)`, `bus LOCAL_TCP, slave 1, coil 3`. */
  readonly hardware: string;
  /** Calls to channels of one bus run one after the other, those of different buses side by side. */
  readonly bus: string;
  /** `polled`: the board reads it at intervals. `pushed`: the driver tells of every change by itself. */
  readonly delivery: 'polled' | 'pushed';
}

/** What an output is set to. */
export interface Level {
  /** 0 or 1 of a digital circuit, else in the circuit's unit. With `pwm`: 1 while the duty cycle is above 0. */
  readonly value: number;
  readonly pwm?: {
    /** 0 to 100. */
    readonly dutyPercent: number;
    readonly frequencyHz: number;
  };
}

/** What an analog input measured at one moment. */
export interface Sample {
  readonly value: number;
  /** The hardware says that the value lies outside what it can measure. */
  readonly isOverRange: boolean;
}

/** A circuit as it was read. */
export interface ChannelReading {
  readonly level: Level;
  /**
   * Of an analog input that is sampled faster than it is told of: all that was measured since it was last told of, oldest
   * first; `level` is the last. Absent: `level` alone. Empty: nothing new.
   */
  readonly samples?: readonly Sample[];
  /** Present values of the channel's settings. */
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** Further fields that are shown as they are: a slave's address, a sensor's family. JSON values. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** In the present mode, where it differs from the channel's own. */
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The hardware says that the value lies outside what it can measure. */
  readonly isOverRange?: boolean;
  /** When the value was taken, CLOCK_MONOTONIC in microseconds. */
  readonly takenUs: number;
}

export const EDGE_CLOCKS = ['monotonic', 'realtime', 'hte', 'polled'] as const;
/**
 * What stamped an edge: the kernel, by CLOCK_MONOTONIC, CLOCK_REALTIME or a hardware timestamp engine; or `polled`:
 * seen when the input was last read, stamped by us with CLOCK_MONOTONIC.
 */
export type EdgeClock = (typeof EDGE_CLOCKS)[number];

/** One edge of a digital input. @see Linux GPIO uAPI v2, gpio_v2_line_event */
export interface Edge {
  readonly edge: 'rising' | 'falling';
  readonly timestampNs: bigint;
  readonly clock: EdgeClock;
  /** The kernel's number of the edge on this line, from 1; 0 where nobody counts. */
  readonly lineSequence: number;
  /** Edges that happened between the previous one and this one and were lost. */
  readonly lost: number;
}

/** Whether a channel works. */
export interface Health {
  /**
   * `ok`; `stale`: not answering now, its last reading is shown with its age, and writes are tried; `down`: not there,
   * writes are refused.
   */
  readonly state: 'ok' | 'stale' | 'down';
  /** Why not, as an AppError's code and message. */
  readonly problem?: { readonly code: string; readonly message: string };
}
