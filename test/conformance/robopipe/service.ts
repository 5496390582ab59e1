import { type Fact, shown, verdict } from './fact.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { field } from './session.ts';
import { Refusal } from './shapes.ts';

/** Every path of the original's OpenAPI document, with any names of parameters. */
const DOCUMENTED = [
  ...['/cameras', '/cameras/{}', '/cameras/{}/stats', '/cameras/{}/ir', '/cameras/{}/streams'],
  ...['', '/config', '/control', '/still', '/nn'].map((end) => `/cameras/{}/streams/{}${end}`),
  '/controller',
  '/controller/{}',
  '/controller/{}/{}',
];

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** §1: the root, documents and errors. */
export const SERVICE: readonly Fact[] = [
  requestFact({
    id: '1.1/root',
    what: 'the health page',
    path: '/',
    status: 200,
    type: 'text/plain',
    holds: ({ text }) => text === 'Hello from Robopipe API!',
    expected: 'text/plain, Hello from Robopipe API!',
  }),
  {
    id: '1/openapi',
    what: 'the OpenAPI document',
    expected: '200, every path of the original',
    check: async (session) => {
      const { status, json } = await session.request('/openapi.json');
      const paths = Object.keys(Object(field(json, 'paths')));
      const plain = paths.map((path) => path.replace(/\{[^}]*\}/g, '{}').replace(/(.)\/$/, '$1'));
      const missing = DOCUMENTED.filter((path) => !plain.includes(path));
      const isRight = status === 200 && missing.length === 0;
      return verdict(isRight, isRight ? `${paths.length} paths` : `${status}, missing: ${missing.join(' ')}`);
    },
  },
  requestFact({
    id: '1/docs',
    what: 'the interactive document',
    path: '/docs',
    status: 200,
    type: 'text/html',
    expected: 'text/html',
  }),
  ...requestFacts({ status: 404, shape: Refusal, expected: 'JSON with detail' }, [
    { id: '1/unknown-route', what: 'a path that does not exist', path: '/nothing' },
    {
      id: '1/unknown-below',
      what: 'a path that does not exist below a camera',
      path: '/cameras/{mxid}/nothing',
    },
  ]),
  requestFact({
    id: '1/wrong-method',
    what: 'a method that a path does not have',
    method: 'DELETE',
    path: '/cameras/',
    status: 405,
    shape: Refusal,
    holds: ({ headers }) => headers.get('allow')?.includes('GET') === true,
    expected: 'JSON with detail, and allow',
  }),
  ...requestFacts({ status: 200, expected: 'as without a slash', original: '307' }, [
    ...['stats', 'ir'].map((end) => ({
      id: `1/slash-${end}`,
      what: `…/${end}/ of a camera`,
      path: `/cameras/{mxid}/${end}/`,
    })),
    ...['config', 'control', 'still', 'nn'].map((end) => ({
      id: `1/slash-${end}`,
      what: `…/${end}/ of a stream`,
      path: `/cameras/{mxid}/streams/{stream}/${end}/`,
    })),
    { id: '1/slash-led', what: '/controller/led/', path: '/controller/led/' },
  ]),
  requestFact({
    id: '1/malformed',
    what: 'a body that is no JSON',
    method: 'POST',
    path: '/controller/led',
    form: '{"value": ',
    headers: { 'content-type': 'application/json' },
    status: [400, 422],
    shape: Refusal,
    expected: 'JSON with detail',
  }),
  requestFact({
    id: '7/preflight',
    what: 'a page asks whether it may use every method',
    method: 'OPTIONS',
    path: '/cameras/{mxid}/streams/{stream}/control',
    headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    status: [200, 204],
    holds: ({ headers }) => {
      const allowed = headers.get('access-control-allow-methods') ?? '';
      const headersAllowed = headers.get('access-control-allow-headers') ?? '';
      return (
        (allowed === '*' || methods.every((method) => allowed.includes(method))) &&
        (headersAllowed === '*' || /content-type/i.test(headersAllowed))
      );
    },
    expected: `${methods.join(', ')} and content-type allowed`,
  }),
];

/** The last fact: what all others were answered. */
export const CORS: readonly Fact[] = [
  {
    id: '7/cors',
    what: 'a page could read every answer so far, errors too',
    expected: 'access-control-allow-origin on each (original: not on 404 of cameras and 500)',
    check: async ({ withoutCors }) =>
      verdict(withoutCors.length === 0, withoutCors.length === 0 ? 'on each' : shown(withoutCors)),
  },
];
