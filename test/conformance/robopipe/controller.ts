import { type TSchema, Type } from '../../../src/core/schema.ts';
import { type Fact, shown, skipped, verdict } from './fact.ts';
import { requestFact } from './request-fact.ts';
import { type Answer, field, type Session } from './session.ts';
import { Refusal } from './shapes.ts';

/** The order of types in the list of all circuits; sensors are `temp` or `1wdevice`, watchdogs `wd`. */
const ORDER = [
  ...['di', 'ro', 'do', 'ai', 'ao', 'temp', '1wdevice', 'led', 'wd', 'modbus_slave', 'owpower'],
  ...['register', 'data_point', 'owbus', 'device_info'],
];

const digital = Type.Integer({ minimum: 0, maximum: 1 });
const number = Type.Number();
const names = Type.Array(Type.String());
const analogModes: TSchema = {
  type: 'object',
  additionalProperties: Type.Object({
    value: Type.Integer(),
    unit: Type.String(),
    range: Type.Array(number, { minItems: 2, maxItems: 2 }),
  }),
};

/** A body that clients write, and what the answer shows then. */
interface Write {
  readonly name: string;
  /** An object as JSON, a text as a form. */
  readonly body: object | string;
  readonly shows: Readonly<Record<string, unknown>>;
  readonly original?: string;
}

interface CircuitType {
  readonly shape: Readonly<Record<string, TSchema>>;
  readonly writes: readonly Write[];
  /** A body that is refused. */
  readonly wrong?: object;
}

const switched = (value: 0 | 1): Write => ({
  name: `value ${value}`,
  body: { value },
  shows: { value },
  original: 'the previous value',
});

const TYPES: Readonly<Record<string, CircuitType>> = {
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
    shape: { value: Type.Integer({ minimum: 0, maximum: 65_535 }) },
    writes: [{ name: 'a value', body: { value: 7 }, shows: { value: 7 }, original: 'the previous value' }],
    wrong: { value: -1 },
  },
};

/** Types that the original shows in the list of all circuits alone. */
const ADDED: Readonly<Record<string, Readonly<Record<string, TSchema>>>> = {
  ro: { value: digital },
  wd: { value: number, timeout: number },
  sensor: { value: number },
  data_point: { value: number },
  modbus_slave: { slave_id: number, scan_interval: number },
  device_info: { family: Type.String(), model: Type.String() },
};

const circuitShape = (dev: string, fields: Readonly<Record<string, TSchema>>): TSchema =>
  Type.Object({
    dev: dev === 'sensor' ? Type.Enum(['temp', '1wdevice', 'sensor']) : Type.Literal(dev),
    circuit: Type.String({ minLength: 1 }),
    ...fields,
  });

/** Name and present state of a type's first circuit. */
async function firstOf(session: Session, type: string): Promise<unknown> {
  const { json } = await session.request(`/controller/${type}`);
  return Array.isArray(json) ? json[0] : undefined;
}

function post(session: Session, path: string, body: object | string): Promise<Answer> {
  if (typeof body !== 'string') return session.postJson(path, body);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return session.request(path, { method: 'POST', headers, body });
}

function writeFact(type: string, { name, body, shows, original }: Write): Fact {
  const note = original === undefined ? '' : ` (original: ${original})`;
  return {
    id: `1.3/${type}-write-${name.replace(/[^a-z0-9]+/g, '-')}`,
    what: `POST ${type}: ${name}`,
    expected: `200 with ${shown(shows)}, and read back${note}`,
    check: async (session) => {
      const before = await firstOf(session, type);
      if (before === undefined) return skipped(`there is no ${type}`);
      const path = `/controller/${type}/${field(before, 'circuit')}`;
      const answer = await post(session, path, body);
      const readBack = (await session.request(path)).json;
      await session.postJson(path, before);
      const isShown = (dict: unknown): boolean =>
        Object.entries(shows).every(([key, value]) => field(dict, key) === value);
      return verdict(
        answer.status === 200 && isShown(answer.json) && isShown(readBack),
        `${answer.status} ${shown(answer.text)}; read back ${shown(readBack, 80)}`,
      );
    },
  };
}

function refusalFact(type: string, wrong: object): Fact {
  return {
    id: `1.3/${type}-refused`,
    what: `POST ${type} ${shown(wrong)}`,
    expected: '422 with detail, and nothing done',
    check: async (session) => {
      const before = await firstOf(session, type);
      if (before === undefined) return skipped(`there is no ${type}`);
      const answer = await session.postJson(`/controller/${type}/${field(before, 'circuit')}`, wrong);
      const after = await firstOf(session, type);
      const isSame = ['value', 'mode', 'counter'].every((key) => field(before, key) === field(after, key));
      const hasDetail = field(answer.json, 'detail') !== undefined;
      return verdict(answer.status === 422 && hasDetail && isSame, `${answer.status} ${shown(answer.text)}`);
    },
  };
}

/** The same body for every circuit of a type. */
function allFact(type: string, { body, shows }: Write): Fact {
  return {
    id: `1.3/${type}-all`,
    what: `POST ${type} for all circuits`,
    expected: `200 an array, each with ${shown(shows)}`,
    check: async (session) => {
      const before = (await session.request(`/controller/${type}`)).json;
      if (!Array.isArray(before) || before.length === 0) return skipped(`there is no ${type}`);
      const { status, json, text } = await post(session, `/controller/${type}`, body);
      for (const one of before) await session.postJson(`/controller/${type}/${field(one, 'circuit')}`, one);
      const isRight =
        Array.isArray(json) &&
        json.length === before.length &&
        json.every((one) => Object.entries(shows).every(([key, value]) => field(one, key) === value));
      return verdict(status === 200 && isRight, `${status} ${shown(text)}`);
    },
  };
}

function readFacts(type: string, fields: Readonly<Record<string, TSchema>>, original?: string): Fact[] {
  const shape = circuitShape(type, fields);
  const list = Type.Array(shape);
  const note = original === undefined ? {} : { original };
  return [
    requestFact({
      id: `1.3/${type}-list`,
      what: `all circuits of ${type}`,
      path: `/controller/${type}`,
      status: 200,
      shape: list,
      expected: `an array with ${['dev', 'circuit', ...Object.keys(fields)].join(', ')}`,
      ...note,
    }),
    {
      id: `1.3/${type}-one`,
      what: `one circuit of ${type}`,
      expected: `200 the circuit${original === undefined ? '' : ` (original: ${original})`}`,
      check: async (session) => {
        const first = await firstOf(session, type);
        if (first === undefined) return skipped(`there is no ${type}`);
        const path = `/controller/${type}/${field(first, 'circuit')}`;
        const { check } = requestFact({ id: '', what: '', path, status: 200, shape, expected: '' });
        return check(session);
      },
    },
    requestFact({
      id: `1.3/${type}-unknown`,
      what: `a circuit of ${type} that is not there`,
      path: `/controller/${type}/99_99`,
      status: 404,
      shape: Refusal,
      expected: 'JSON with detail',
      original: original ?? '500',
    }),
  ];
}

/** §1.3: circuits. Every write is followed by one of what was there before. */
export const CONTROLLER: readonly Fact[] = [
  ...['/controller/', '/controller'].map((path) =>
    requestFact({
      id: path.endsWith('/') ? '1.3/list' : '1.3/list-no-slash',
      what: `all circuits: GET ${path}`,
      path,
      status: 200,
      shape: Type.Array(Type.Object({ dev: Type.Enum(ORDER), circuit: Type.String() })),
      holds: ({ json }) => {
        const places = (Array.isArray(json) ? json : []).map((one) =>
          ORDER.indexOf(String(field(one, 'dev'))),
        );
        return places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0));
      },
      expected: 'circuits in the order of types',
    }),
  ),
  requestFact({
    id: '1.3/unknown-type',
    what: 'a type that does not exist',
    path: '/controller/teapot',
    status: 404,
    shape: Refusal,
    expected: 'JSON with detail',
  }),
  ...Object.entries(TYPES).flatMap(([type, { shape, writes, wrong }]) => [
    ...readFacts(type, shape),
    ...writes.map((write) => writeFact(type, write)),
    ...writes.slice(0, 1).map((write) => allFact(type, write)),
    ...(wrong === undefined ? [] : [refusalFact(type, wrong)]),
  ]),
  ...Object.entries(ADDED).flatMap(([type, shape]) => readFacts(type, shape, '404')),
  writeFact('ro', { ...switched(1), original: '404' }),
];
