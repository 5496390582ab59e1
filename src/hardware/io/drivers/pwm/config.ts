import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';
import { circuits } from '../circuit-names.ts';

const strict = { additionalProperties: false } as const;

export const PwmConfig = Type.Object(
  {
    kind: Type.Literal('pwm'),
    do: circuits(
      Type.Object(
        {
          chip: Type.String({
            pattern: '^pwmchip[0-9]{1,5}$',
            title: 'a chip such as pwmchip0',
            description: 'Its chip in `/sys/class/pwm`.',
          }),
          channel: Type.Integer({ minimum: 0, maximum: 1023, description: 'Its channel on the chip.' }),
          frequencyHz: Type.Number({
            minimum: 0.001,
            maximum: 10_000_000,
            default: 1000,
            description: 'Frequency while a write names none, in hertz.',
          }),
          polarity: Type.Enum(['normal', 'inversed'], {
            default: 'normal',
            description: 'Whether the active time is high or low.',
          }),
        },
        { ...strict, description: 'One PWM channel.' },
      ),
      'Digital outputs that are driven by pulse width.',
    ),
  },
  { ...strict, description: 'PWM channels, through `/sys/class/pwm`.' },
);
export type PwmConfig = DeepReadonly<Static<typeof PwmConfig>>;
