import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';
import { circuits } from '../circuit-names.ts';

const strict = { additionalProperties: false } as const;

const line = {
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: "The line's offset on its chip. Either this or `name`.",
    }),
  ),
  name: Type.Optional(
    Type.String({ minLength: 1, maxLength: 31, description: "The line's name, as `gpioinfo` prints it." }),
  ),
  activeLow: Type.Boolean({
    default: false,
    description: 'Whether the line is active when its voltage is low.',
  }),
  bias: Type.Enum(['as-is', 'disabled', 'pull-up', 'pull-down'], {
    default: 'as-is',
    description: 'Bias resistor.',
  }),
};

const input = Type.Object(
  {
    ...line,
    clock: Type.Enum(['monotonic', 'realtime', 'hte'], {
      default: 'monotonic',
      description: 'Clock that stamps edges.',
    }),
    edges: Type.Boolean({
      default: true,
      description:
        'Whether the kernel tells of its edges. Off: it is read at intervals, for chips without interrupts.',
    }),
  },
  { ...strict, description: 'One line, used as input.' },
);
const output = Type.Object(
  {
    ...line,
    drive: Type.Enum(['push-pull', 'open-drain', 'open-source'], {
      default: 'push-pull',
      description: 'Drive mode.',
    }),
  },
  { ...strict, description: 'One line, used as output.' },
);

export const GpioConfig = Type.Object(
  {
    kind: Type.Literal('gpio'),
    chip: Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The chip: its label, its name (`gpiochip0`) or its path.',
    }),
    di: circuits(input, 'Digital inputs.'),
    do: circuits(output, 'Digital outputs.'),
    ro: circuits(output, 'Relays.'),
    led: circuits(output, 'LEDs.'),
  },
  { ...strict, description: 'Lines of a GPIO chip, through its character device.' },
);
export type GpioConfig = DeepReadonly<Static<typeof GpioConfig>>;
