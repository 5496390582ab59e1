import { type TSchema, Type } from '../../../src/core/schema.ts';
import { circuitsOf, putBack } from './circuit-state.ts';
import { ADDED, type Fields, LISTED, switched, TYPES, type Write } from './circuit-types.ts';
import { type Fact, shown, skipped, verdict } from './fact.ts';
import { hasShape, requestFact } from './request-fact.ts';
import { type Answer, field, type Session } from './session.ts';
import { Refusal } from './shapes.ts';

/** The order of types in the list of all circuits; sensors are `temp` or `1wdevice`, watchdogs `wd`. */
const ORDER = [
  ...['di', 'ro', 'do', 'ai', 'ao', 'temp', '1wdevice', 'led', 'wd', 'modbus_slave', 'owpower'],
  ...['register', 'data_point', 'owbus', 'device_info'],
];

const circuitShape = (dev: string, fields: Fields): TSchema =>
  Type.Object({
    dev: dev === 'sensor' ? Type.Enum(['temp', '1wdevice', 'sensor']) : Type.Literal(dev),
    circuit: Type.String({ minLength: 1 }),
    ...fields,
  });

/** Present state of a type's first circuit. */
const firstOf = async (session: Session, type: string): Promise<unknown> =>
  (await circuitsOf(session, type))[0];

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
    expected: `200 with ${shown(shows)}, read back, and what was there before can be sent back${note}`,
    check: async (session) => {
      const before = await firstOf(session, type);
      if (before === undefined) return skipped(`there is no ${type}`);
      const path = `/controller/${type}/${field(before, 'circuit')}`;
      const answer = await post(session, path, body);
      const readBack = (await session.request(path)).json;
      const back = await session.postJson(path, before);
      const isShown = (dict: unknown): boolean =>
        Object.entries(shows).every(([key, value]) => field(dict, key) === value);
      return verdict(
        answer.status === 200 && isShown(answer.json) && isShown(readBack) && back.status === 200,
        `${answer.status} ${shown(answer.text)}; read back ${shown(readBack, 80)}; put back ${back.status}`,
      );
    },
  };
}

function refusalFact(type: string, name: string, body: object, original?: string): Fact {
  const note = original === undefined ? '' : ` (original: ${original})`;
  return {
    id: `1.3/${type}-${name}`,
    what: `POST ${type} ${shown(body)}`,
    expected: `422 with detail, and nothing done${note}`,
    check: async (session) => {
      const before = await firstOf(session, type);
      if (before === undefined) return skipped(`there is no ${type}`);
      const answer = await session.postJson(`/controller/${type}/${field(before, 'circuit')}`, body);
      const after = await firstOf(session, type);
      const isSame = ['value', 'mode', 'counter'].every((key) => field(before, key) === field(after, key));
      const isRefused = answer.status === 422 && hasShape(Refusal, answer.json);
      return verdict(isRefused && isSame, `${answer.status} ${shown(answer.text)}`);
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
      const before = await circuitsOf(session, type);
      if (before.length === 0) return skipped(`there is no ${type}`);
      const { status, json, text } = await post(session, `/controller/${type}`, body);
      await putBack(session, type, before);
      const isRight =
        Array.isArray(json) &&
        json.length === before.length &&
        json.every((one) => Object.entries(shows).every(([key, value]) => field(one, key) === value));
      return verdict(status === 200 && isRight, `${status} ${shown(text)}`);
    },
  };
}

/** A type's first circuit in the list of all. */
function listedFact(type: string, fields: Fields): Fact {
  return {
    id: `1.3/list-${type}`,
    what: `a circuit of ${type} in the list of all`,
    expected: `${Object.keys(fields).join(', ')}, too`,
    check: async (session) => {
      const { json } = await session.request('/controller/');
      const one = Array.isArray(json) ? json.find((each) => field(each, 'dev') === type) : undefined;
      if (one === undefined) return skipped(`there is no ${type}`);
      return verdict(hasShape(circuitShape(type, fields), one), shown(one));
    },
  };
}

function readFacts(type: string, fields: Fields, original?: string): Fact[] {
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
    requestFact({
      id: `1.3/${type}-unknown-write`,
      what: `POST to a circuit of ${type} that is not there`,
      method: 'POST',
      path: `/controller/${type}/99_99`,
      json: { value: 0 },
      status: 404,
      shape: Refusal,
      expected: 'JSON with detail',
      original: original ?? '500',
    }),
  ];
}

/** §1.3: circuits. Every write is followed by one of what was there before. */
export const CIRCUITS: readonly Fact[] = [
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
    ...(wrong === undefined ? [] : [refusalFact(type, 'refused', wrong)]),
  ]),
  ...Object.entries(ADDED).flatMap(([type, shape]) => readFacts(type, shape, '404')),
  ...Object.entries(LISTED).map(([type, fields]) => listedFact(type, fields)),
  refusalFact('led', 'misspelt', { value: 1, vlaue: 0 }, 'ignores vlaue'),
  writeFact('ro', { ...switched(1), original: '404' }),
];
