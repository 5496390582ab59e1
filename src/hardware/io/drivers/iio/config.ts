import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';
import { circuits } from '../circuit-names.ts';

const strict = { additionalProperties: false } as const;

const device = Type.String({
  minLength: 1,
  maxLength: 127,
  description:
    'The device: its label, its place on the bus (`1-0048`), its name (`ads1015`) or its number (`iio:device0`).',
});

export const IioConfig = Type.Object(
  {
    kind: Type.Literal('iio'),
    ai: circuits(
      Type.Object(
        {
          device,
          channel: Type.String({
            pattern: '^[a-z][a-z0-9_-]{0,63}$',
            title: 'a channel such as voltage0',
            description: 'The channel, as in `in_voltage0_raw` without `in_` and `_raw`.',
          }),
          trigger: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 127,
              description:
                'Name of an IIO trigger: its samples are captured through the buffer. Absent: polled.',
            }),
          ),
        },
        { ...strict, description: 'One ADC channel.' },
      ),
      'Analog inputs.',
    ),
    ao: circuits(
      Type.Object(
        {
          device,
          channel: Type.String({
            pattern: '^[a-z][a-z0-9_-]{0,63}$',
            title: 'a channel such as voltage0',
            description: 'The channel, as in `out_voltage0_raw` without `out_` and `_raw`.',
          }),
          maximumRaw: Type.Optional(
            Type.Integer({
              minimum: -2_147_483_648,
              maximum: 2_147_483_647,
              description: 'Greatest raw value, where the kernel does not tell it.',
            }),
          ),
          minimumRaw: Type.Integer({
            minimum: -2_147_483_648,
            maximum: 2_147_483_647,
            default: 0,
            description: 'Least raw value, where the kernel does not tell it.',
          }),
        },
        { ...strict, description: 'One DAC channel.' },
      ),
      'Analog outputs.',
    ),
  },
  { ...strict, description: 'ADCs and DACs with a kernel driver, through `/sys/bus/iio`.' },
);
export type IioConfig = DeepReadonly<Static<typeof IioConfig>>;
