import { type Fact, shown, skipped, verdict } from './fact.ts';
import { isNotOffered, requestFact } from './request-fact.ts';
import { field } from './session.ts';

/** What the public system has in its newest generation (R2) alone, and a service may leave out. */
export const OPTIONAL: readonly Fact[] = [
  requestFact({
    id: '1.1/recording',
    what: 'the recording of a camera (R2)',
    path: '/cameras/{mxid}/recording',
    status: 200,
    type: 'video/webm',
    expected: 'video/webm',
    isOptional: true,
  }),
  requestFact({
    id: '1.2/replay',
    what: 'a file instead of the sensor (R2)',
    path: '/cameras/{mxid}/streams/{stream}/replay',
    status: 200,
    holds: ({ json }) => typeof field(json, 'replay') === 'boolean',
    expected: '{replay, filename}',
    isOptional: true,
  }),
  {
    id: '1.2/webrtc',
    what: 'video by WebRTC (R2)',
    expected: 'an answer of SDP, or 422 for an offer that is none',
    check: async (session) => {
      const offer = { sdp: 'v=0', type: 'offer' };
      const answer = await session.postJson('/cameras/{mxid}/streams/{stream}/video', offer);
      if (isNotOffered(answer)) return skipped('not offered here');
      return verdict([200, 422].includes(answer.status), `${answer.status} ${shown(answer.text)}`);
    },
  },
];
