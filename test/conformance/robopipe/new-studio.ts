import { NN } from './deployment.ts';
import type { Fact } from './fact.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { Nothing } from './shapes.ts';

const stream = '/cameras/{mxid}/streams/{stream}';

/** What it sends with every request. */
const json = { 'content-type': 'application/json' };

/** §9.2: what the new Studio does otherwise than the old one. */
export const NEW_STUDIO: readonly Fact[] = [
  ...requestFacts({ status: 200, headers: json, expected: 'as without the type' }, [
    { id: '9.2/cameras', what: 'GET with a JSON type and no body', path: '/cameras/' },
    {
      id: '9.2/boot',
      what: 'POST a camera with a JSON type and no body',
      method: 'POST',
      path: '/cameras/{mxid}/',
    },
    {
      id: '9.2/reset',
      what: 'POST …/control/reset likewise',
      method: 'POST',
      path: `${stream}/control/reset`,
    },
  ]),
  requestFact({
    id: '9.2/nn-delete',
    what: 'DELETE …/nn with a JSON type and no body',
    method: 'DELETE',
    path: NN,
    headers: json,
    status: 202,
    shape: Nothing,
    expected: 'null',
  }),
];
