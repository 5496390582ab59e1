import { Type } from '../../core/schema.ts';
import { OUTPUT_CAUSES } from '../../hardware/io/circuit-view.ts';
import type { CircuitEntry } from './discovery.ts';
import type { CircuitDict, leaseAnswer } from './representation.ts';

const text = (description: string) => Type.String({ description });
const number = (description: string) => Type.Number({ description });
const problem = Type.Object(
  { code: text("An error's code."), message: text('What was seen.') },
  { description: 'Why it does not work.' },
);
const healthState = Type.Enum(['ok', 'stale', 'down'], {
  description:
    '`stale`: does not answer now, and the value is the last one. `down`: not there; writes are refused.',
});
const running = Type.Enum(['pulse', 'sequence'], { description: 'What runs on the output.' });
const cause = Type.Enum(OUTPUT_CAUSES, { description: 'Why the output is as it is.' });
const leaseFields = {
  id: text('What it is renewed and ended by.'),
  duration_ms: number('How long it lasts from each renewal, in milliseconds.'),
  remaining_ms: number('What is left of that.'),
  held: Type.Boolean({ description: 'Whether a socket keeps it from running out.' }),
};

export const Lease = Type.Unsafe<ReturnType<typeof leaseAnswer>>(
  Type.Object(
    { ...leaseFields, circuits: Type.Array(text('`type/name`'), { description: 'Its outputs.' }) },
    {
      $id: 'Lease',
      description: 'Outputs that go to their safe values unless somebody renews this in time.',
    },
  ),
);

const anyValue = Type.Union([Type.Number(), Type.String(), Type.Boolean()]);

/** What every type of circuit may show besides; settings and details of its driver come under their own names. */
export const Circuit = Type.Unsafe<CircuitDict>(
  Type.Object(
    {
      dev: text('The type; sensors are `temp`, as in evok.'),
      circuit: text('The name.'),
      value: Type.Optional(
        Type.Unsafe<number | null>({
          type: ['number', 'null'],
          description: '0 or 1 of a digital circuit, else in `unit`; null until it has been read once.',
        }),
      ),
      unit: Type.Optional(text('Unit of an analog value.')),
      range: Type.Optional(
        Type.Array(Type.Number(), { description: 'Least and greatest analog value, in `unit`.' }),
      ),
      modes: Type.Optional(
        Type.Unsafe<unknown>({
          description:
            'Of a digital circuit a list of names; of an analog one an object, name → `{value, unit, range}`.',
        }),
      ),
      mode: Type.Optional(text('The present mode.')),
      counter: Type.Optional(number('Counted edges of a digital input.')),
      counter_modes: Type.Optional(Type.Array(Type.String())),
      counter_mode: Type.Optional(text('Whether edges are counted: `Enabled` or `Disabled`.')),
      debounce: Type.Optional(number('Debounce period of a digital input, in units of 100 µs.')),
      debounce_us: Type.Optional(number('The same in microseconds.')),
      pwm_freq: Type.Optional(number('Frequency of pulse width, in hertz; 0 where there is none.')),
      pwm_duty: Type.Optional(number('Duty cycle, 0 to 100.')),
      pending: Type.Optional(Type.Boolean({ description: 'Whether a pulse or sequence runs.' })),
      save: Type.Optional(Type.Boolean()),
      alias: Type.Optional(text('A second name.')),
      label: text('What people call it.'),
      health: healthState,
      problem: Type.Optional(problem),
      age_ms: Type.Optional(number('Since the hardware last confirmed the value, in milliseconds.')),
      over_range: Type.Optional(Type.Boolean({ description: 'Whether it is beyond what can be measured.' })),
      frequency_hz: Type.Optional(number('Counted edges per second of a digital input.')),
      lost_edges: Type.Optional(number('Edges that the kernel lost since the start.')),
      cause: Type.Optional(cause),
      running: Type.Optional(running),
      lease: Type.Optional(Type.Object(leaseFields, { description: 'What keeps the output as it is.' })),
    },
    {
      $id: 'Circuit',
      additionalProperties: true,
      description:
        "A circuit as Robopipe and evok show it, with further fields. What the type, the driver and the circuit's settings add comes under its own name.",
    },
  ),
);

export const CircuitDescription = Type.Unsafe<CircuitEntry>(
  Type.Object(
    {
      key: text('Type and name: `do/1_01`.'),
      dev: text('The type, as in `Circuit`.'),
      circuit: text('The name.'),
      alias: Type.Optional(text('A second name.')),
      label: text('What people call it.'),
      direction: Type.Enum(['input', 'output', 'none']),
      signal: Type.Enum(['digital', 'analog', 'none']),
      driver: Type.Object({ name: text('Its name in the configuration.'), kind: text('Its kind.') }),
      hardware: text('Where it is, as a person would look it up.'),
      health: Type.Object({ state: healthState, problem: Type.Optional(problem) }),
      value: Type.Optional(number('0 or 1 of a digital circuit, else in `unit`.')),
      unit: Type.Optional(text('Unit of an analog value.')),
      minimum: Type.Optional(number('Least value, in `unit`.')),
      maximum: Type.Optional(number('Greatest value, in `unit`.')),
      step: Type.Optional(number('Smallest difference, in `unit`.')),
      pwm: Type.Optional(
        Type.Object(
          { duty_percent: number('0 to 100.'), frequency_hz: number('In hertz.') },
          { description: 'While it is driven by pulse width.' },
        ),
      ),
      pwm_range: Type.Optional(
        Type.Object(
          {
            minimum_hz: number('In hertz.'),
            maximum_hz: number('In hertz.'),
            frequency_hz: number('What it has, or would have where a write names none.'),
          },
          { description: 'When it can be driven by pulse width.' },
        ),
      ),
      age_ms: Type.Optional(number('Since the hardware last confirmed the value, in milliseconds.')),
      over_range: Type.Optional(Type.Boolean()),
      settings: Type.Array(
        Type.Object({
          name: text('The field under which it is read and written.'),
          kind: Type.Enum(['integer', 'number', 'boolean', 'choice']),
          unit: Type.Optional(Type.String()),
          minimum: Type.Optional(Type.Number()),
          maximum: Type.Optional(Type.Number()),
          step: Type.Optional(number('Smallest difference; what lies between takes the nearest.')),
          choices: Type.Optional(Type.Array(Type.String())),
          writable: Type.Boolean(),
          value: Type.Optional(anyValue),
        }),
      ),
      input: Type.Optional(
        Type.Object({
          inverted: Type.Boolean(),
          counter: Type.Optional(number('Counted edges.')),
          frequency_hz: number('Counted edges per second.'),
          lost_edges: number('Edges that the kernel lost since the start.'),
          switches: Type.Optional(text('The output that it switches: `do/1_01`.')),
        }),
      ),
      output: Type.Optional(
        Type.Object({
          cause,
          running: Type.Optional(running),
          safe: Type.Optional(number('Its safe value; it is left as it is when absent.')),
          start_up: Type.Optional(number('Its value at the start.')),
          confirm: Type.Boolean({ description: 'Whether a page asks before it switches.' }),
          interlocks: Type.Array(text('Groups of which at most one output is on.')),
          lease: Type.Optional(Type.Object(leaseFields)),
        }),
      ),
    },
    { $id: 'CircuitDescription', description: 'All that a page needs to show a circuit.' },
  ),
);
