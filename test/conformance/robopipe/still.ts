import type { Fact } from './fact.ts';
import { isPng, isWebp, jpegSize } from './image.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import type { Answer } from './session.ts';
import { Refusal } from './shapes.ts';

const stream = '/cameras/{mxid}/streams/{stream}';

const jpeg = { type: 'image/jpeg', holds: ({ bytes }: Answer) => jpegSize(bytes) !== undefined };

/** §1.2: stills. */
export const STILL: readonly Fact[] = [
  ...requestFacts({ status: 200, expected: 'an image of that format' }, [
    {
      id: '1.2/still',
      what: 'a still',
      path: `${stream}/still`,
      ...jpeg,
    },
    {
      id: '1.2/still-jpeg',
      what: 'a still as jpeg',
      path: `${stream}/still?format=jpeg`,
      ...jpeg,
    },
    {
      id: '1.2/still-png',
      what: 'a still as png',
      path: `${stream}/still?format=png`,
      type: 'image/png',
      holds: ({ bytes }) => isPng(bytes),
    },
    {
      id: '1.2/still-webp',
      what: 'a still as webp',
      path: `${stream}/still?format=webp`,
      type: 'image/webp',
      holds: ({ bytes }) => isWebp(bytes),
    },
    {
      id: '1.2/still-jpg',
      what: 'a still as jpg',
      path: `${stream}/still?format=jpg`,
      ...jpeg,
      original: '500',
    },
    {
      id: '1.2/still-sensors',
      what: 'a still at the path of old examples',
      path: '/cameras/{mxid}/sensors/{stream}/still',
      ...jpeg,
      original: '404',
    },
  ]),
  requestFact({
    id: '1.2/still-unknown',
    what: 'a still as tarot',
    path: `${stream}/still?format=tarot`,
    status: 422,
    shape: Refusal,
    expected: 'JSON with detail',
    original: '500',
  }),
];
