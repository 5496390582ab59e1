import { type DeepReadonly, type Static, type TSchema, Type } from '../../core/schema.ts';
import { CIRCUIT_NAME_PATTERN } from './circuit.ts';

/*
 * What the configuration says of circuits, the same for all drivers: the section `io.circuits` and `io.interlocks`.
 */

const strict = { additionalProperties: false } as const;

const common = {
  label: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'What people call it. The driver names it when absent.',
    }),
  ),
  alias: Type.Optional(
    Type.String({
      pattern: `^${CIRCUIT_NAME_PATTERN}$`,
      title: 'a name of letters, digits and ._-',
      description: 'A second name, usable wherever the circuit is.',
    }),
  ),
};

const confirm = Type.Boolean({
  default: false,
  description: 'Whether a page asks a person before it switches this output.',
});

const inverted = Type.Boolean({
  default: false,
  description: 'Whether active and inactive are swapped, in software.',
});

export const DigitalInputSettings = Type.Object(
  {
    ...common,
    invert: inverted,
    debounceUs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000_000,
        description:
          "How long the input must rest before a change counts, in microseconds; by the hardware or kernel where it can. Absent: the hardware's own, 0 where it has none.",
      }),
    ),
    count: Type.Enum(['rising', 'falling', 'both', 'none'], {
      default: 'rising',
      description: 'Edges that are counted.',
    }),
    report: Type.Enum(['rising', 'falling', 'both', 'none'], {
      default: 'both',
      description: 'Edges that are told to clients as events.',
    }),
    directSwitch: Type.Optional(
      Type.String({
        pattern: `^(do|ro|led)/${CIRCUIT_NAME_PATTERN}$`,
        title: 'an output such as do/valve',
        description:
          'The output that follows this input while its mode is DirectSwitch, which it is from the start.',
      }),
    ),
    directSwitchMode: Type.Enum(['follow', 'inverted', 'toggle'], {
      default: 'follow',
      description: 'How it follows: the same, the opposite, or changed by every rising edge.',
    }),
  },
  { ...strict, description: 'One digital input; the key is its circuit name.' },
);
export type DigitalInputSettings = DeepReadonly<Static<typeof DigitalInputSettings>>;

const digital = (value: 'safe' | 'start-up', orElse: string) =>
  Type.Enum([0, 1, 'keep'], {
    description: `Its ${value} value; \`keep\` leaves it as it is. ${orElse}`,
  });

const digitalOutput = {
  ...common,
  safe: Type.Optional(
    digital(
      'safe',
      'It goes there when the service stops, a lease ends, or its hardware returns. Absent: 0 (owpower: keep).',
    ),
  ),
  startUp: Type.Optional(
    digital(
      'start-up',
      'It goes there when the service starts, except after a crash (then: safe). Absent: the safe value.',
    ),
  ),
  confirm,
};

export const DigitalOutputSettings = Type.Object(
  { ...digitalOutput, invert: inverted },
  { ...strict, description: 'One digital output, relay, LED or bus power; the key is its circuit name.' },
);
export type DigitalOutputSettings = DeepReadonly<Static<typeof DigitalOutputSettings>>;

const finite = { minimum: -1e12, maximum: 1e12 } as const;

export const AnalogInputSettings = Type.Object(
  {
    ...common,
    unit: Type.Optional(
      Type.String({ minLength: 1, maxLength: 16, description: 'Unit after scale, offset and calibration.' }),
    ),
    scale: Type.Number({ ...finite, default: 1, description: 'What the measured value is multiplied with.' }),
    offset: Type.Number({ ...finite, default: 0, description: 'What is then added.' }),
    calibration: Type.Array(
      Type.Object(
        {
          measured: Type.Number({
            ...finite,
            description: 'What the hardware gives, before scale and offset.',
          }),
          actual: Type.Number({ ...finite, description: 'What it is, in the unit.' }),
        },
        { ...strict, description: 'One point.' },
      ),
      {
        maxItems: 64,
        default: [],
        description:
          'Points of a line the value is read from, instead of scale and offset; two at least, straight between and beyond them.',
      },
    ),
    minimum: Type.Optional(
      Type.Number({
        ...finite,
        description: 'Least valid value in the unit; below it the value is marked over range.',
      }),
    ),
    maximum: Type.Optional(Type.Number({ ...finite, description: 'Greatest valid value in the unit.' })),
    filter: Type.Enum(['none', 'median', 'average'], {
      default: 'none',
      description: 'What smooths the samples.',
    }),
    filterLength: Type.Integer({
      minimum: 2,
      maximum: 1001,
      default: 5,
      description: 'Samples the filter looks at.',
    }),
    deadband: Type.Number({
      minimum: 0,
      maximum: 1e12,
      default: 0,
      description: 'Least change that is told to clients, in the unit.',
    }),
    samplePeriodMs: Type.Integer({
      minimum: 1,
      maximum: 3_600_000,
      default: 1000,
      description: 'How often it is read, in milliseconds, where the driver does not send samples by itself.',
    }),
  },
  { ...strict, description: 'One analog input or sensor; the key is its circuit name.' },
);
export type AnalogInputSettings = DeepReadonly<Static<typeof AnalogInputSettings>>;

const analog = (value: 'safe' | 'start-up', orElse: string) =>
  Type.Optional(
    Type.Number({ ...finite, description: `Its ${value} value in the circuit's unit. ${orElse}` }),
  );

export const AnalogOutputSettings = Type.Object(
  {
    ...common,
    minimum: Type.Optional(
      Type.Number({ ...finite, description: "Least value that may be written; never below the hardware's." }),
    ),
    maximum: Type.Optional(Type.Number({ ...finite, description: 'Greatest value that may be written.' })),
    slewPerSecond: Type.Optional(
      Type.Number({
        minimum: 1e-6,
        maximum: 1e12,
        description: 'Fastest change, in the unit per second. Absent: at once.',
      }),
    ),
    keep: Type.Boolean({
      default: false,
      description: 'Whether it has no safe value: it is left as it is at start, stop and return.',
    }),
    safe: analog('safe', 'Absent: the value in its range that is nearest to 0.'),
    startUp: analog('start-up', 'Absent: the safe value.'),
    confirm,
  },
  { ...strict, description: 'One analog output; the key is its circuit name.' },
);
export type AnalogOutputSettings = DeepReadonly<Static<typeof AnalogOutputSettings>>;

export const RegisterSettings = Type.Object(
  { ...common, confirm },
  { ...strict, description: 'One register; it has no safe value and keeps what is written.' },
);
export type RegisterSettings = DeepReadonly<Static<typeof RegisterSettings>>;

function byCircuit<T extends TSchema>(schema: T, description: string) {
  return Type.Record(Type.String({ pattern: `^${CIRCUIT_NAME_PATTERN}$` }), schema, {
    ...strict,
    default: {},
    title: 'a circuit name of letters, digits and ._-',
    description,
  });
}

/** `io.circuits` */
export const CircuitSettings = Type.Object(
  {
    di: byCircuit(DigitalInputSettings, 'Digital inputs.'),
    do: byCircuit(DigitalOutputSettings, 'Digital outputs.'),
    ro: byCircuit(DigitalOutputSettings, 'Relays.'),
    led: byCircuit(DigitalOutputSettings, 'LEDs.'),
    owpower: byCircuit(DigitalOutputSettings, 'Power switches of 1-Wire buses.'),
    ai: byCircuit(AnalogInputSettings, 'Analog inputs.'),
    sensor: byCircuit(AnalogInputSettings, 'Sensors with a value, such as thermometers.'),
    ao: byCircuit(AnalogOutputSettings, 'Analog outputs.'),
    register: byCircuit(RegisterSettings, 'Raw registers.'),
  },
  { ...strict, description: 'What is done with circuits, whichever driver has them.' },
);
export type CircuitSettings = DeepReadonly<Static<typeof CircuitSettings>>;

/** `io.interlocks` */
export const Interlocks = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$' }),
  Type.Array(
    Type.String({ pattern: `^(do|ro|led)/${CIRCUIT_NAME_PATTERN}$`, title: 'an output such as do/valve' }),
    { maxItems: 64, description: 'Its outputs.' },
  ),
  {
    ...strict,
    default: {},
    title: 'a name of letters, digits, spaces and ._-',
    description: 'Groups of outputs of which at most one may be on, by name.',
  },
);
export type Interlocks = DeepReadonly<Static<typeof Interlocks>>;
