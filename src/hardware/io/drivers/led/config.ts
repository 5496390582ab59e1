import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';
import { circuits } from '../circuit-names.ts';

const strict = { additionalProperties: false } as const;

export const LedConfig = Type.Object(
  {
    kind: Type.Literal('led'),
    led: circuits(
      Type.Object(
        {
          name: Type.String({
            pattern: '^[^/.][^/]{0,62}$',
            title: 'a name such as green:status',
            description: 'Its name in `/sys/class/leds`.',
          }),
        },
        { ...strict, description: 'One LED.' },
      ),
      'LEDs.',
    ),
  },
  { ...strict, description: 'LEDs with a kernel driver, through `/sys/class/leds`.' },
);
export type LedConfig = DeepReadonly<Static<typeof LedConfig>>;
