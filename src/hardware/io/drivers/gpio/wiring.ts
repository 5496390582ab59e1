import {
  type ChannelFeatures,
  type ChannelInfo,
  type CircuitKey,
  circuitKey,
  type SettingInfo,
} from '../../circuit.ts';
import { ioConfigInvalid } from '../../errors.ts';
import type { GpioConfig } from './config.ts';
import { VALUES } from './layout.ts';

type Input = GpioConfig['di'][string];
type Output = GpioConfig['do'][string];

/** One configured line. */
export interface Wiring {
  readonly key: CircuitKey;
  readonly channel: ChannelInfo;
  /** Offset on its chip, or name. */
  readonly line: number | string;
  /** GPIO_V2_LINE_FLAG_* with which it is used. */
  readonly flags: number;
  /** GPIO_V2_LINE_FLAG_* that say nothing of its direction. */
  readonly asIsFlags: number;
  readonly clock: Input['clock'];
  readonly hasEdges: boolean;
}

const BIAS_FLAGS = {
  'as-is': 0,
  disabled: VALUES.GPIO_V2_LINE_FLAG_BIAS_DISABLED,
  'pull-up': VALUES.GPIO_V2_LINE_FLAG_BIAS_PULL_UP,
  'pull-down': VALUES.GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN,
} as const satisfies Record<Input['bias'], number>;

const DRIVE_FLAGS = {
  'push-pull': 0,
  'open-drain': VALUES.GPIO_V2_LINE_FLAG_OPEN_DRAIN,
  'open-source': VALUES.GPIO_V2_LINE_FLAG_OPEN_SOURCE,
} as const satisfies Record<Output['drive'], number>;

const CLOCK_FLAGS = {
  monotonic: 0,
  realtime: VALUES.GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME,
  hte: VALUES.GPIO_V2_LINE_FLAG_EVENT_CLOCK_HTE,
} as const satisfies Record<Input['clock'], number>;

const EDGE_FLAGS = VALUES.GPIO_V2_LINE_FLAG_EDGE_RISING | VALUES.GPIO_V2_LINE_FLAG_EDGE_FALLING;

/** The setting of the kernel's debounce period. */
export const DEBOUNCE: SettingInfo = {
  name: 'debounce_us',
  kind: 'integer',
  unit: 'µs',
  minimum: 0,
  maximum: 10_000_000,
  isWritable: true,
};

/**
 * The lines of a configuration.
 * @throws AppError IO_CONFIG_INVALID
 */
export function wiringsOf(driver: string, config: GpioConfig): Wiring[] {
  const inputs = Object.entries(config.di).map(([circuit, input]) => inputOf(driver, config, circuit, input));
  const outputs = (['do', 'ro', 'led'] as const).flatMap((type) =>
    Object.entries(config[type]).map(([circuit, output]) =>
      outputOf(driver, config, circuitKey(type, circuit), { type, circuit }, output),
    ),
  );
  const wirings = [...inputs, ...outputs];
  const used = new Map<number | string, CircuitKey>();
  for (const { key, line } of wirings) {
    const other = used.get(line);
    if (other !== undefined) throw ioConfigInvalid(driver, `${key} and ${other} have the same line ${line}.`);
    used.set(line, key);
  }
  return wirings;
}

function inputOf(driver: string, config: GpioConfig, circuit: string, input: Input): Wiring {
  const key = circuitKey('di', circuit);
  const { clock, edges: hasEdges, bias } = input;
  if (!hasEdges && clock !== 'monotonic')
    throw ioConfigInvalid(driver, `${key} has a clock but edges: false.`);
  const asIsFlags = polarityOf(input);
  const edgeFlags = hasEdges ? EDGE_FLAGS | CLOCK_FLAGS[clock] : 0;
  const line = lineOf(driver, key, input);
  return {
    key,
    line,
    flags: VALUES.GPIO_V2_LINE_FLAG_INPUT | asIsFlags | BIAS_FLAGS[bias] | edgeFlags,
    asIsFlags,
    clock,
    hasEdges,
    channel: {
      ...placeOf(config.chip, line),
      type: 'di',
      circuit,
      direction: 'input',
      settings: hasEdges ? [DEBOUNCE] : [],
      features: hasEdges ? ({ edges: true, debounce: true } satisfies ChannelFeatures) : {},
      delivery: hasEdges ? 'pushed' : 'polled',
    },
  };
}

function outputOf(
  driver: string,
  config: GpioConfig,
  key: CircuitKey,
  name: { readonly type: 'do' | 'ro' | 'led'; readonly circuit: string },
  output: Output,
): Wiring {
  const asIsFlags = polarityOf(output);
  const line = lineOf(driver, key, output);
  return {
    key,
    line,
    flags: VALUES.GPIO_V2_LINE_FLAG_OUTPUT | asIsFlags | BIAS_FLAGS[output.bias] | DRIVE_FLAGS[output.drive],
    asIsFlags,
    clock: 'monotonic',
    hasEdges: false,
    channel: {
      ...placeOf(config.chip, line),
      ...name,
      direction: 'output',
      settings: [],
      features: {},
      delivery: 'pushed',
    },
  };
}

function polarityOf({ activeLow }: Input | Output): number {
  return activeLow ? VALUES.GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0;
}

function lineOf(driver: string, key: CircuitKey, { offset, name }: Input | Output): number | string {
  const line = offset ?? name;
  if (line !== undefined && (offset === undefined || name === undefined)) return line;
  throw ioConfigInvalid(driver, `${key} needs either the offset or the name of its line.`);
}

function placeOf(chip: string, line: number | string) {
  return { signal: 'digital', hardware: `${chip} line ${line}`, bus: `gpio ${chip}` } as const;
}
