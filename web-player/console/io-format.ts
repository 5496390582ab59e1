import type { Circuit, CircuitSetting } from './io-circuit.ts';

export const UNKNOWN = '–';
const MOST_DECIMALS = 6;

/** What people call a circuit. The service labels those that nobody has named with where they are. */
export function nameOf({ label, hardware, alias, key }: Circuit): string {
  return label === hardware ? (alias ?? key) : label;
}

/** A circuit's value as people read it: `Active`, `On · 50 %`, `3.30 V`. */
export function formatLevel(circuit: Circuit): string {
  const { value, signal, direction, unit, step, pwm } = circuit;
  if (value === undefined) return signal === 'none' ? '' : UNKNOWN;
  if (signal === 'analog') return formatQuantity(value, unit, step);
  if (direction === 'input') return value === 0 ? 'Inactive' : 'Active';
  if (pwm === undefined || value === 0) return value === 0 ? 'Off' : 'On';
  return `On · ${formatQuantity(pwm.duty_percent, '%')}`;
}

/** A number with as many decimals as its step, or its size, makes sensible: `3.30 V`, `21.06 °C`, `1,960 Ω`. */
export function formatQuantity(value: number, unit = '', step?: number): string {
  const decimals = step === undefined ? decimalsOfSize(value) : decimalsOfStep(step);
  const number = value.toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return unit === '' ? number : `${number}\u00a0${unit}`;
}

/** `0.5 Hz`, `50 Hz`, `1 kHz`, `1.25 MHz` */
export function formatFrequency(hz: number): string {
  for (const [unit, size] of [
    ['MHz', 1e6],
    ['kHz', 1e3],
  ] as const) {
    if (hz >= size) return `${Number((hz / size).toPrecision(4))}\u00a0${unit}`;
  }
  return `${Number(hz.toPrecision(3))}\u00a0Hz`;
}

/** A time to wait or an age: `0.8 s`, `12 s`, `3 min`, `2 h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** Local time of day with microseconds: `14:03:12.345678`. @param wallUs Unix time in microseconds. */
export function formatTimeOfDay(wallUs: number): string {
  const date = new Date(Math.floor(wallUs / 1000));
  const two = (part: number): string => String(part).padStart(2, '0');
  const fraction = String(Math.floor(wallUs) % 1_000_000).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
}

/** Name of a setting as a label: `debounce_us` in µs is `Debounce (µs)`. */
export function formatSettingName({ name, unit }: CircuitSetting): string {
  const words = (unit === undefined ? name : name.replace(/_(us|ms|s|hz)$/, '')).replaceAll('_', ' ');
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return unit === undefined ? title : `${title} (${unit})`;
}

/** As many as tell two steps apart: 2 for 0.25 and 0.01, 4 for 10/4096. */
function decimalsOfStep(step: number): number {
  const most = Math.min(MOST_DECIMALS, Math.max(0, Math.ceil(-Math.log10(step))) + 1);
  for (let decimals = 0; decimals < most; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9) return decimals;
  }
  return most;
}

function decimalsOfSize(value: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return 0;
  if (size >= 100) return 1;
  return size >= 1 ? 2 : 3;
}
