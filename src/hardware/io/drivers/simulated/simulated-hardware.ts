import type { Clock, Timer } from '../../../../core/clock.ts';
import {
  type ChannelInfo,
  type ChannelReading,
  type CircuitKey,
  circuitKey,
  type Edge,
  type Level,
  type SettingValue,
} from '../../circuit.ts';
import { MODES } from './channels.ts';
import { InputLine, type Transition } from './input-line.ts';

/** Which output drives which input, and when the contact moves after it: each time to the other level. */
const WIRES: readonly {
  readonly from: CircuitKey;
  readonly to: CircuitKey;
  readonly contactUs: readonly number[];
}[] = [
  { from: 'do/1_01', to: 'di/1_01', contactUs: [0] },
  { from: 'do/1_02', to: 'di/1_02', contactUs: [0] },
  { from: 'ro/1_01', to: 'di/1_03', contactUs: [0, 300, 700, 1200, 2000] },
];

/** di/1_04 is low and high for this long each: 1 Hz. */
const HALF_WAVE_US = 500_000;
const SINE_PERIOD_US = 60e6;
const TEMPERATURE_PERIOD_US = 600e6;
const TEMPERATURE_STEP = 0.0625;
const SUPPLY_VOLTS = 24;

/** Levels of outputs that nobody has set. */
const AT_POWER_ON: Readonly<Record<string, number>> = { owpower: 1 };

const SETTINGS: Readonly<Record<string, Readonly<Record<string, SettingValue>>>> = {
  ai: { mode: 'Voltage' },
  ao: { mode: 'Voltage' },
  wd: { timeout: 5000 },
  owbus: { interval: 10, scan_interval: 60, do_scan: false, do_reset: false },
};

const DETAILS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  sensor: { type: 'DS18B20', interval: 10 },
  wd: { was_wd_reset: 0, nv_save: 0 },
  modbus_slave: {
    slave_id: 1,
    modbus_type: 'TCP',
    modbus_spec: 'simulated',
    scan_interval: 50,
    last_comm: 0,
  },
  data_point: { name: 'supply', valid: true },
  owbus: { bus: 'OWFS' },
  device_info: { family: 'Simulated', model: 'S1', sn: 1, board_count: 1 },
};

interface Blinking {
  readonly sinceUs: number;
  readonly onMs: number;
  readonly offMs: number;
}

/** The simulated board itself, from power-on to power-off: levels, wires and signals. */
export class SimulatedHardware implements Disposable {
  readonly #clock: Clock;
  readonly #channels = new Map<CircuitKey, ChannelInfo>();
  readonly #levels = new Map<CircuitKey, Level>();
  readonly #settings = new Map<CircuitKey, Readonly<Record<string, SettingValue>>>();
  readonly #blinking = new Map<CircuitKey, Blinking>();
  readonly #lines = new Map<CircuitKey, InputLine>();
  #waveTimer: Timer | undefined;

  /** @param initialLevel what an output is at from the beginning. */
  constructor(
    channels: readonly ChannelInfo[],
    clock: Clock,
    initialLevel: (key: CircuitKey) => Level | undefined,
    onEdge: (key: CircuitKey, edge: Edge) => void,
  ) {
    this.#clock = clock;
    for (const channel of channels) {
      const key = circuitKey(channel.type, channel.circuit);
      this.#channels.set(key, channel);
      this.#settings.set(key, SETTINGS[channel.type] ?? {});
      if (channel.direction === 'output') {
        this.#levels.set(key, initialLevel(key) ?? { value: AT_POWER_ON[channel.type] ?? 0 });
      }
    }
    const { level, atUs } = waveAt(clock.monotonicUs());
    const first = new Map<CircuitKey, 0 | 1>([['di/1_04', level]]);
    for (const { from, to } of WIRES) first.set(to, this.#binary(from));
    for (const [key, start] of first) {
      this.#lines.set(key, new InputLine(start, clock, (edge) => onEdge(key, edge)));
    }
    this.#awaitWave(atUs + HALF_WAVE_US);
  }

  read(key: CircuitKey): ChannelReading {
    const takenUs = this.#clock.monotonicUs();
    const channel = this.#channels.get(key);
    const settings = this.#settings.get(key) ?? {};
    const mode = modeOf(settings);
    const fixed = DETAILS[channel?.type ?? ''];
    const time = channel?.type === 'sensor' ? { time: this.#clock.wallUsAt(takenUs) / 1e6 } : {};
    return {
      level: this.#level(key, takenUs),
      takenUs,
      ...(channel !== undefined && channel.settings.length > 0 && { settings }),
      ...(mode !== undefined && { unit: mode.unit, minimum: mode.minimum, maximum: mode.maximum }),
      ...(fixed !== undefined && { details: { ...fixed, ...time } }),
    };
  }

  /** Sets outputs, all of them before any input moves. */
  write(levels: readonly { readonly key: CircuitKey; readonly level: Level }[]): void {
    for (const { key, level } of levels) {
      this.#levels.set(key, level);
      this.#blinking.delete(key);
    }
    const nowUs = this.#clock.monotonicUs();
    for (const { from, to, contactUs } of WIRES) {
      if (!levels.some(({ key }) => key === from)) continue;
      this.#lines.get(to)?.take(movement(this.#binary(from), nowUs, contactUs));
    }
  }

  /** A changed mode of an analog output sets it to 0: no number means the same in both. */
  configure(key: CircuitKey, settings: Readonly<Record<string, SettingValue>>): void {
    const present = this.#settings.get(key) ?? {};
    if (settings['mode'] !== undefined && settings['mode'] !== present['mode'] && this.#levels.has(key)) {
      this.#levels.set(key, { value: 0 });
    }
    // A scan or reset is over at once.
    this.#settings.set(key, {
      ...present,
      ...settings,
      ...(key === 'owbus/1' && { do_scan: false, do_reset: false }),
    });
  }

  blink(key: CircuitKey, times: { readonly onMs: number; readonly offMs: number }): void {
    this.#blinking.set(key, { ...times, sinceUs: this.#clock.monotonicUs() });
  }

  [Symbol.dispose](): void {
    this.#waveTimer?.[Symbol.dispose]();
    for (const line of this.#lines.values()) line[Symbol.dispose]();
  }

  #level(key: CircuitKey, nowUs: number): Level {
    const line = this.#lines.get(key);
    if (line !== undefined) return { value: line.level };
    const blinking = this.#blinking.get(key);
    if (blinking !== undefined) return { value: isLit(blinking, nowUs) ? 1 : 0 };
    return this.#levels.get(key) ?? { value: this.#measure(key, nowUs) };
  }

  #measure(key: CircuitKey, nowUs: number): number {
    const sine = (periodUs: number) => Math.sin((2 * Math.PI * (nowUs % periodUs)) / periodUs);
    switch (key) {
      case 'ai/1_01': {
        // A voltage is no current: the input measures nothing unless both are in the same mode.
        const isSame = this.#settings.get('ai/1_01')?.['mode'] === this.#settings.get('ao/1_01')?.['mode'];
        return isSame ? (this.#levels.get('ao/1_01')?.value ?? 0) : 0;
      }
      case 'ai/1_02':
        return ((modeOf(this.#settings.get(key) ?? {})?.maximum ?? 0) * (1 + sine(SINE_PERIOD_US))) / 2;
      case 'sensor/28A1B2C3D4E5F6':
        return Math.round((21.5 + 1.5 * sine(TEMPERATURE_PERIOD_US)) / TEMPERATURE_STEP) * TEMPERATURE_STEP;
      case 'data_point/1_2000':
        return SUPPLY_VOLTS;
      default:
        return 0;
    }
  }

  #binary(key: CircuitKey): 0 | 1 {
    return (this.#levels.get(key)?.value ?? 0) > 0 ? 1 : 0;
  }

  #awaitWave(nextUs: number): void {
    const delayMs = Math.max(0, nextUs - this.#clock.monotonicUs()) / 1000;
    this.#waveTimer = this.#clock.after(delayMs, () => {
      this.#lines.get('di/1_04')?.take([waveAt(nextUs)]);
      this.#awaitWave(nextUs + HALF_WAVE_US);
    });
  }
}

/** The square wave's last transition at a moment; it is high in every second half. */
function waveAt(nowUs: number): Transition {
  const half = Math.floor(nowUs / HALF_WAVE_US);
  return { level: half % 2 === 0 ? 0 : 1, atUs: half * HALF_WAVE_US };
}

/** A contact on its way to `level`; it ends there, and every touch before is undone. */
function movement(level: 0 | 1, nowUs: number, contactUs: readonly number[]): Transition[] {
  const opposite = level === 1 ? 0 : 1;
  return contactUs.map((afterUs, place) => ({
    level: (contactUs.length - place) % 2 === 1 ? level : opposite,
    atUs: nowUs + afterUs,
  }));
}

function modeOf(settings: Readonly<Record<string, SettingValue>>) {
  return Object.entries(MODES).find(([name]) => name === settings['mode'])?.[1];
}

function isLit({ sinceUs, onMs, offMs }: Blinking, nowUs: number): boolean {
  return ((nowUs - sinceUs) / 1000) % (onMs + offMs) < onMs;
}
