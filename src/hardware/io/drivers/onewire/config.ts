import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';
import { circuits } from '../circuit-names.ts';

const strict = { additionalProperties: false } as const;

export const OnewireConfig = Type.Object(
  {
    kind: Type.Literal('onewire'),
    sensor: circuits(
      Type.Object(
        {
          id: Type.String({
            pattern: '^[0-9a-f]{2}-[0-9a-f]{12}$',
            title: 'an id such as 28-0000055f2a11',
            description: 'Its name in `/sys/bus/w1/devices`.',
          }),
        },
        { ...strict, description: 'One sensor.' },
      ),
      'Thermometers.',
    ),
  },
  { ...strict, description: "1-Wire thermometers (DS18B20 and kin) through the kernel's `w1` files." },
);
export type OnewireConfig = DeepReadonly<Static<typeof OnewireConfig>>;
