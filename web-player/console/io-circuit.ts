/** A circuit as `GET /controller/circuits` describes it. */
export interface Circuit {
  /** Type and name, `do/1_01`: its identity on the page. */
  readonly key: string;
  /** Type and name as events and write answers call it. */
  readonly dev: string;
  readonly circuit: string;
  readonly alias?: string;
  readonly label: string;
  readonly direction: 'input' | 'output' | 'none';
  readonly signal: 'digital' | 'analog' | 'none';
  readonly driver: { readonly name: string; readonly kind: string };
  /** Where it is, as a person would look it up. */
  readonly hardware: string;
  readonly health: CircuitHealth;
  readonly value?: number;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly step?: number;
  readonly pwm?: { readonly duty_percent: number; readonly frequency_hz: number };
  readonly pwm_range?: {
    readonly minimum_hz: number;
    readonly maximum_hz: number;
    /** What it has, or would have. */
    readonly frequency_hz: number;
  };
  readonly age_ms?: number;
  readonly over_range?: boolean;
  readonly settings: readonly CircuitSetting[];
  readonly input?: CircuitInput;
  readonly output?: CircuitOutput;
}

export interface CircuitHealth {
  readonly state: 'ok' | 'stale' | 'down';
  readonly problem?: { readonly code: string; readonly message: string };
}

export type SettingValue = number | string | boolean;

export interface CircuitSetting {
  readonly name: string;
  readonly kind: 'integer' | 'number' | 'boolean' | 'choice';
  readonly choices?: readonly string[];
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly writable: boolean;
  readonly value?: SettingValue;
}

export interface CircuitInput {
  readonly inverted: boolean;
  readonly counter?: number;
  readonly frequency_hz: number;
  readonly lost_edges: number;
  /** Key of the output that this input switches by itself. */
  readonly switches?: string;
}

export interface CircuitOutput {
  readonly cause: string;
  readonly running?: 'pulse' | 'sequence';
  readonly safe?: number;
  readonly start_up?: number;
  /** A person has to confirm before it is switched. */
  readonly confirm: boolean;
  readonly interlocks: readonly string[];
  readonly lease?: CircuitLease;
}

export interface CircuitLease {
  readonly id: string;
  readonly duration_ms: number;
  readonly remaining_ms: number;
  /** A socket holds it: it does not run out. */
  readonly held: boolean;
}

/** A circuit in the snapshot and in the answer to a write: evok's fields, and its settings by name. */
export type CircuitDict = Readonly<Record<string, unknown>>;

/** One change of one circuit, out of `WS /controller/events`. */
export interface CircuitEvent {
  readonly dev: string;
  readonly circuit: string;
  readonly value?: number;
  readonly counter?: number;
  readonly cause: string;
  /** With readings of analog inputs. */
  readonly over_range?: boolean;
  readonly seq: number;
  /** Unix time in microseconds. */
  readonly wall_us: number;
  readonly edge?: 'rising' | 'falling';
  /** Edges the kernel lost before this one. */
  readonly lost?: number;
  readonly health?: CircuitHealth['state'];
  readonly problem?: { readonly code: string; readonly message: string };
  /** Events that this page lost before this one. */
  readonly missed?: number;
}
