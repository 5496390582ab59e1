import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';
import { circuits } from '../circuit-names.ts';

const strict = { additionalProperties: false } as const;

const pin = Type.Object(
  {
    gpio: Type.Integer({ minimum: 0, maximum: 65_535, description: 'Its number in `/sys/class/gpio`.' }),
    activeLow: Type.Boolean({ default: false, description: 'Whether it is active when its voltage is low.' }),
  },
  { ...strict, description: 'One line.' },
);

export const GpioSysfsConfig = Type.Object(
  {
    kind: Type.Literal('gpio-sysfs'),
    di: circuits(pin, 'Digital inputs.'),
    do: circuits(pin, 'Digital outputs.'),
    ro: circuits(pin, 'Relays.'),
    led: circuits(pin, 'LEDs.'),
  },
  {
    ...strict,
    description: 'GPIO lines through `/sys/class/gpio`, for kernels before 5.10. Needs the package onoff.',
  },
);
export type GpioSysfsConfig = DeepReadonly<Static<typeof GpioSysfsConfig>>;
