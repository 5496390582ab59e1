/** Clock of the hardware's pulse width modulation. */
const CLOCK_HZ = 48_000_000;
/** Counts of the prescaler's register; a cycle has one less, so that the duty of a whole cycle fits its register. */
const MAX_PRESCALE = 65_536;
const MAX_CYCLE = 65_535;
/** Cycle lengths that give round duty cycles, by preference. */
const ROUND_CYCLES = [50_000, 10_000, 5_000, 1_000];

/** Frequencies of the hardware's modulation: by its registers' width, and what Unipi specifies. */
export const HARD_RANGE = { minimumHz: 0.0112, maximumHz: 200_000 } as const;
/** Frequencies of the firmware's modulation: 1000 Hz divided by 1 to 65536. */
export const SOFT_RANGE = { minimumHz: 0.0153, maximumHz: 1000 } as const;

/** What the registers of a section mean. */
export interface PwmTiming {
  readonly frequencyHz: number;
  /** The duty register's value of 100 %. */
  readonly fullDuty: number;
}

/** @param cycle @param prescale the registers, each one less than what it counts. */
export function hardTiming(cycle: number, prescale: number): PwmTiming {
  return { frequencyHz: CLOCK_HZ / ((cycle + 1) * (prescale + 1)), fullDuty: cycle + 1 };
}

/** @returns the registers for the frequency that is nearest: a round cycle where one fits exactly, else the longest. */
export function hardRegisters(frequencyHz: number): { readonly cycle: number; readonly prescale: number } {
  const ticks = CLOCK_HZ / frequencyHz;
  const round = ROUND_CYCLES.find((length) => ticks % length === 0 && ticks / length <= MAX_PRESCALE);
  const prescale = round === undefined ? Math.min(Math.ceil(ticks / MAX_CYCLE), MAX_PRESCALE) : ticks / round;
  const cycle = Math.min(Math.max(Math.round(ticks / prescale), 1), MAX_CYCLE);
  return { cycle: cycle - 1, prescale: prescale - 1 };
}

/** Presets of the firmware's modulation; any other value takes the divider. */
const SOFT_PRESETS_HZ = [1000, 100];
const CUSTOM_PRESET = 2;

/** Duty registers of the firmware's modulation are in percent. */
export function softTiming(preset: number, divider: number): PwmTiming {
  return { frequencyHz: SOFT_PRESETS_HZ[preset] ?? 1000 / (1 + divider), fullDuty: 100 };
}

/** @returns the preset, and the divider where the preset needs one. */
export function softRegisters(frequencyHz: number): { readonly preset: number; readonly divider?: number } {
  const preset = SOFT_PRESETS_HZ.indexOf(frequencyHz);
  if (preset >= 0) return { preset };
  const divider = Math.round(1000 / frequencyHz) - 1;
  return { preset: CUSTOM_PRESET, divider: Math.min(Math.max(divider, 0), 65_535) };
}

/** @returns the duty register; a duty cycle above 0 never becomes 0, which would switch the modulation off. */
export function dutyRegister(dutyPercent: number, fullDuty: number): number {
  if (dutyPercent <= 0) return 0;
  return Math.min(Math.max(Math.round((fullDuty * dutyPercent) / 100), 1), fullDuty);
}

/** @returns percent, to one decimal. */
export function dutyPercent(register: number, fullDuty: number): number {
  return Math.min(Math.round((register / fullDuty) * 1000) / 10, 100);
}
