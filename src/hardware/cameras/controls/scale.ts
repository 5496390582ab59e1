import type { SensorControl } from '../camera.ts';

/** Between a control's own numbers and those of the Robopipe API. Pure; both ways stay within the range. */
export interface Scale {
  /** The range in Robopipe's units. */
  readonly min: number;
  readonly max: number;
  readonly step: number;
  toRobopipe(native: number): number;
  toNative(value: number): number;
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** The value nearest to this that is in the control's range and on its step. */
function nearest({ minimum, maximum, step }: SensorControl, value: number): number {
  const size = Math.max(1, step);
  const last = minimum + Math.floor((maximum - minimum) / size) * size;
  return clamp(minimum + Math.round((value - minimum) / size) * size, minimum, last);
}

/** The control counts in a multiple of Robopipe's unit: exposure times in 100 µs. */
export function unitScale(control: SensorControl, factor: number): Scale {
  return {
    min: control.minimum * factor,
    max: control.maximum * factor,
    step: Math.max(1, control.step) * factor,
    toRobopipe: (native) => native * factor,
    toNative: (value) => nearest(control, value / factor),
  };
}

/** The control's range is spread evenly over a range of Robopipe's, whose numbers have `step` between them. */
export function spreadScale(
  control: SensorControl,
  { min, max, step }: { readonly min: number; readonly max: number; readonly step: number },
): Scale {
  const span = control.maximum - control.minimum;
  const rounded = (value: number): number => Number((Math.round(value / step) * step).toFixed(6));
  return {
    min,
    max,
    step,
    toRobopipe: (native) =>
      span === 0 ? min : clamp(rounded(min + ((native - control.minimum) / span) * (max - min)), min, max),
    toNative: (value) => nearest(control, control.minimum + ((value - min) / (max - min)) * span),
  };
}

/** 0 is the device's default; the ends of its range are `-end` and `end`, with a straight line to either. */
export function centredScale(control: SensorControl, end: number): Scale {
  const { minimum, maximum, defaultValue } = control;
  const above = Math.max(0, maximum - defaultValue);
  const below = Math.max(0, defaultValue - minimum);
  const spanOf = (sign: number): number => (sign > 0 ? above : below);
  return {
    min: below === 0 ? 0 : -end,
    max: above === 0 ? 0 : end,
    step: 1,
    toRobopipe: (native) => {
      const span = spanOf(native - defaultValue);
      const value = span === 0 ? 0 : Math.round(((native - defaultValue) / span) * end);
      return clamp(value, -end, end) + 0; // -0 is 0
    },
    toNative: (value) =>
      value === 0 ? defaultValue : nearest(control, defaultValue + (value / end) * spanOf(value)),
  };
}

/**
 * A menu whose labels stand for numbers.
 * @param numberOf what a label stands for; undefined for choices that are no number.
 * @returns undefined when no choice is one.
 */
export function menuScale(
  { menu = [], defaultValue }: SensorControl,
  numberOf: (label: string) => number | undefined,
): Scale | undefined {
  const choices = menu.flatMap(({ index, label }) => {
    const value = numberOf(label);
    return value === undefined || !Number.isFinite(value) ? [] : [{ index, value: Math.round(value) }];
  });
  const values = choices.map(({ value }) => value);
  if (values.length === 0) return undefined;
  const distance = (one: number, other: number): number => Math.abs(one - other);
  const initial = choices.find(({ index }) => index === defaultValue) ?? choices[0];
  return {
    min: Math.min(...values),
    max: Math.max(...values),
    step: 1,
    toRobopipe: (native) => (choices.find(({ index }) => index === native) ?? initial)?.value ?? 0,
    toNative: (asked) => {
      const best = choices.reduce((nearer, each) =>
        distance(each.value, asked) < distance(nearer.value, asked) ? each : nearer,
      );
      return best.index;
    },
  };
}
