import { type TSchema, Type } from '../../../src/core/schema.ts';

const digital = Type.Integer({ minimum: 0, maximum: 1 });
const number = Type.Number();
const names = Type.Array(Type.String());
const analogRange = Type.Array(number, { minItems: 2, maxItems: 2 });
const analogModes: TSchema = {
  type: 'object',
  additionalProperties: Type.Object({
    value: Type.Integer(),
    unit: Type.String(),
    range: analogRange,
  }),
};

/** Fields that a circuit's dict has. */
export type Fields = Readonly<Record<string, TSchema>>;

/** A body that clients write, and what the answer shows then. */
export interface Write {
  readonly name: string;
  /** An object as JSON, a text as a form. */
  readonly body: object | string;
  readonly shows: Readonly<Record<string, unknown>>;
  readonly original?: string;
}

export interface CircuitType {
  readonly shape: Fields;
  readonly writes: readonly Write[];
  /** A body that is refused. */
  readonly wrong?: object;
}

export const switched = (value: 0 | 1): Write => ({
  name: `value ${value}`,
  body: { value },
  shows: { value },
  original: 'the previous value',
});

/** §1.3: types with routes of their own. */
export const TYPES: Readonly<Record<string, CircuitType>> = {
  ai: {
    shape: { modes: analogModes, mode: Type.String(), value: number },
    writes: [{ name: 'a mode', body: { mode: 'Current' }, shows: { mode: 'Current' }, original: 'ignored' }],
    wrong: { mode: 'Voltage9000' },
  },
  ao: {
    shape: { modes: analogModes, mode: Type.String(), value: number },
    writes: [
      {
        name: 'a value',
        body: { value: 2.5, mode: 'Voltage' },
        shows: { value: 2.5 },
        original: 'the previous value',
      },
      { name: 'a value as text', body: { value: '5' }, shows: { value: 5 } },
      { name: 'a form', body: 'value=2.5', shows: { value: 2.5 }, original: '422' },
    ],
    wrong: { value: 1000 },
  },
  di: {
    shape: {
      counter_modes: names,
      modes: names,
      value: digital,
      counter: Type.Integer(),
      counter_mode: Type.String(),
      mode: Type.String(),
      debounce: Type.Integer(),
    },
    writes: [
      {
        name: 'a whole body',
        body: { counter: 0, counter_mode: 'Enabled', mode: 'Simple', debounce: 50 },
        shows: { counter: 0, counter_mode: 'Enabled', mode: 'Simple', debounce: 50 },
      },
      { name: 'debounce alone', body: { debounce: 20 }, shows: { debounce: 20 }, original: '422' },
    ],
    wrong: { counter: 0, mode: 'Complicated' },
  },
  do: {
    shape: {
      modes: names,
      mode: Type.String(),
      pwm_freq: number,
      pwm_duty: Type.Number({ minimum: 0, maximum: 100 }),
      value: digital,
    },
    writes: [
      {
        name: 'on, as a whole body',
        body: { pwm_freq: 1000, pwm_duty: 100, value: 1 },
        shows: { value: 1, pwm_duty: 100, mode: 'Simple' },
        original: 'the previous value',
      },
      {
        name: 'off, as a whole body',
        body: { pwm_freq: 1000, pwm_duty: 0, value: 0 },
        shows: { value: 0, pwm_duty: 0 },
      },
      { name: 'a value alone', body: { value: 1 }, shows: { value: 1 }, original: '422' },
      { name: 'a form', body: 'value=1', shows: { value: 1 }, original: '422' },
      {
        name: 'pulse width',
        body: { pwm_freq: 500, pwm_duty: 25 },
        shows: { mode: 'PWM', pwm_freq: 500, pwm_duty: 25 },
        original: '422, and 500 with a value',
      },
    ],
    wrong: { pwm_freq: 1000, pwm_duty: 0, value: 1 },
  },
  led: {
    shape: { value: digital },
    writes: [
      switched(1),
      switched(0),
      { name: 'true', body: { value: true }, shows: { value: 1 } },
      { name: 'text', body: { value: '0' }, shows: { value: 0 } },
      { name: 'a form', body: 'value=True', shows: { value: 1 }, original: '422' },
    ],
    wrong: { value: 2 },
  },
  owpower: { shape: { value: digital }, writes: [switched(0), switched(1)], wrong: { value: 'on' } },
  owbus: {
    shape: {
      bus: Type.String(),
      interval: number,
      do_scan: Type.Boolean(),
      do_reset: Type.Boolean(),
      scan_interval: number,
    },
    writes: [
      {
        name: 'a whole body',
        body: { interval: 15, do_scan: false, do_reset: false, scan_interval: 90 },
        shows: { interval: 15, scan_interval: 90 },
        original: '500 after a reset of the bus',
      },
    ],
  },
  register: {
    shape: { value: Type.Integer({ minimum: 0, maximum: 65_535 }), save: Type.Boolean() },
    writes: [{ name: 'a value', body: { value: 7 }, shows: { value: 7 }, original: 'the previous value' }],
    wrong: { value: -1 },
  },
};

/** Types that the original shows in the list of all circuits alone. */
export const ADDED: Readonly<Record<string, Fields>> = {
  ro: { value: digital },
  wd: { value: number, timeout: number, was_wd_reset: digital, nv_save: digital },
  sensor: {
    address: Type.String(),
    value: number,
    lost: Type.Boolean(),
    interval: number,
    type: Type.String(),
  },
  data_point: { value: number },
  modbus_slave: {
    last_comm: number,
    slave_id: number,
    modbus_type: Type.Enum(['TCP', 'RTU']),
    modbus_spec: Type.String(),
    scan_interval: number,
  },
  device_info: { family: Type.String(), model: Type.String(), sn: number, board_count: number },
};

/** Further fields that types with routes of their own have in the list of all circuits. */
export const LISTED: Readonly<Record<string, Fields>> = {
  ai: { value: number, unit: Type.String(), range: analogRange },
  ao: { value: number, unit: Type.String(), range: analogRange },
  do: { value: digital, pending: Type.Boolean() },
};
