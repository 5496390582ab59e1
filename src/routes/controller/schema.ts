import { Type } from '../../core/schema.ts';
import { reference } from '../http/index.ts';
import { MAX_TIME_MS } from './body-value.ts';
import { MAX_WRITES } from './bulk-body.ts';
import { MAX_REPEATS, MAX_STEPS } from './output-command.ts';
import { LEASE_MS } from './write-body.ts';

export const TypeParams = Type.Object({
  type: Type.String({
    description:
      '`di`, `ro`, `do`, `ai`, `ao`, `sensor`, `led`, `wd`, `modbus_slave`, `owpower`, `register`, `data_point`, `owbus` or `device_info`; `input`, `relay`, `output`, `temp` and `watchdog` are understood, too.',
  }),
});
export const CircuitParams = Type.Object({
  ...TypeParams.properties,
  circuit: Type.String({ description: "The circuit's name or alias." }),
});
export const LeaseParams = Type.Object({ id: Type.String({ description: "The lease's id." }) });
export const EventsQuery = Type.Object({
  types: Type.Optional(Type.String({ maxLength: 4096, description: 'Types, with commas between.' })),
  circuits: Type.Optional(Type.String({ maxLength: 4096, description: '`type/name`, with commas between.' })),
});

const ms = (description: string) => Type.Integer({ minimum: 1, maximum: MAX_TIME_MS, description });
const level = Type.Unsafe<unknown>({
  type: ['number', 'boolean', 'string'],
  description: '0 or 1, true or false of a digital output; a number in `unit` of an analog one.',
});

const command = {
  value: Type.Optional(level),
  pwm_duty: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'Duty cycle in percent.' })),
  pwm_freq: Type.Optional(Type.Number({ description: 'Frequency of pulse width, in hertz.' })),
  pulse_ms: Type.Optional(
    ms('Be at `value` (1 when absent) so long, in milliseconds; then at the opposite, or the safe value.'),
  ),
  blink: Type.Optional(
    Type.Object(
      {
        on_ms: ms('Milliseconds on.'),
        off_ms: ms('Milliseconds off.'),
        count: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: MAX_REPEATS,
            description: 'How often; without end when absent.',
          }),
        ),
      },
      { additionalProperties: false, description: 'Blink.' },
    ),
  ),
  sequence: Type.Optional(
    Type.Array(Type.Object({ value: level, ms: ms('Milliseconds.') }, { additionalProperties: false }), {
      minItems: 1,
      maxItems: MAX_STEPS,
      description: 'Values with their durations.',
    }),
  ),
  repeat: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_REPEATS,
      description: 'How often the sequence runs, once when absent; 0: until something ends it.',
    }),
  ),
  deadline_ms: Type.Optional(ms('When blinking or a sequence ends at the latest, in milliseconds.')),
  cancel: Type.Optional(
    Type.Boolean({ description: 'End what runs, give the lease up, go to the safe value.' }),
  ),
};
const leaseMs = Type.Optional(
  Type.Integer({
    ...LEASE_MS,
    description: 'The output goes to its safe value after so many milliseconds, unless the lease is renewed.',
  }),
);
const anyFurther = {
  additionalProperties: true,
  description:
    "What shall change; all fields are optional. The circuit's settings come under their own names: `mode`, `debounce`, `counter`, `timeout`, … Fields of the circuit's own answer that cannot be written are ignored.",
} as const;

/*
 * Bodies are described here and checked in write-body.ts, against what the circuit has.
 */
export const CircuitBody = Type.Unsafe<unknown>(
  Type.Object({ ...command, lease_ms: leaseMs }, { $id: 'CircuitBody', ...anyFurther }),
);
export const CircuitBodies = Type.Unsafe<unknown>(
  Type.Array(
    Type.Object(
      {
        dev: Type.String({ description: 'The type.' }),
        circuit: Type.String({ description: 'Name or alias.' }),
        ...command,
        lease_ms: leaseMs,
      },
      anyFurther,
    ),
    { $id: 'CircuitBodies', maxItems: MAX_WRITES },
  ),
);
export const BulkBody = Type.Unsafe<unknown>(
  Type.Union([
    reference(CircuitBodies),
    Type.Object({ writes: reference(CircuitBodies), lease_ms: leaseMs }, { additionalProperties: false }),
  ]),
);
