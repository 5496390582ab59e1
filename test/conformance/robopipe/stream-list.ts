import type { Fact } from './fact.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { activeStreams } from './session.ts';
import * as shape from './shapes.ts';

const streams = '/cameras/{mxid}/streams';
const stream = `${streams}/{stream}`;

/** §1.2: the list of streams. */
export const STREAM_LIST: readonly Fact[] = [
  ...requestFacts({ status: 200, shape: shape.StreamList, expected: 'R1 object or R1d array' }, [
    { id: '1.2/list', what: 'the list of streams', path: `${streams}/` },
    { id: '1.2/list-no-slash', what: 'the list without a slash', path: streams, original: '307' },
    {
      id: '1.2/list-sensors',
      what: 'the list at the path of old examples',
      path: '/cameras/{mxid}/sensors/',
      original: '404',
    },
  ]),
  requestFact({
    id: '1.2/list-unknown',
    what: 'streams of a camera that is not there',
    path: '/cameras/NOPE/streams/',
    status: 404,
    shape: shape.Refusal,
    expected: 'JSON with detail',
  }),
];

const activation = { shape: shape.Nothing, type: 'application/json' };

/** §1.2: activation and deactivation. Later facts find the first stream active again. */
export const ACTIVATION: readonly Fact[] = [
  ...requestFacts({ ...activation, method: 'POST', status: 201, expected: 'null' }, [
    { id: '1.2/activate', what: 'activate an active stream', path: `${stream}/` },
    { id: '1.2/activate-no-slash', what: 'activate without a slash', path: stream, original: '307' },
    {
      id: '1.2/activate-json',
      what: 'activate with a JSON type and no body, as the new Studio',
      path: `${stream}/`,
      headers: { 'content-type': 'application/json' },
    },
  ]),
  ...requestFacts({ ...activation, method: 'DELETE', status: 202, expected: 'null' }, [
    { id: '1.2/deactivate', what: 'deactivate a stream', path: `${stream}/` },
    { id: '1.2/deactivate-again', what: 'deactivate it again, without a slash', path: stream },
    {
      id: '1.2/deactivate-json',
      what: 'deactivate with a JSON type and no body, as the new Studio',
      path: `${stream}/`,
      headers: { 'content-type': 'application/json' },
    },
  ]),
  requestFact({
    id: '1.2/inactive-listed',
    what: 'the list says which is not active',
    path: `${streams}/`,
    status: 200,
    shape: shape.StreamList,
    holds: ({ json }, session) =>
      JSON.stringify(activeStreams(json)) === JSON.stringify(session.streams.slice(1)),
    expected: 'active: false of that one alone',
  }),
  requestFact({
    id: '1.2/inactive-still',
    what: 'a still of an inactive stream',
    path: `${stream}/still`,
    status: [404, 409],
    shape: shape.Refusal,
    expected: 'JSON with detail',
    original: '500',
  }),
  requestFact({
    ...activation,
    id: '1.2/activate-again',
    what: 'activate it again',
    method: 'POST',
    path: `${stream}/`,
    status: 201,
    expected: 'null',
  }),
  requestFact({
    id: '1.2/activate-still',
    what: 'a still after that',
    path: `${stream}/still`,
    status: 200,
    type: 'image/jpeg',
    expected: 'image/jpeg',
  }),
  ...requestFacts({ status: 200, shape: shape.StreamArray, method: 'PATCH', expected: 'StreamInfo[]' }, [
    {
      id: '1.2/patch-off',
      what: 'deactivate through the list (R2)',
      path: `${streams}/`,
      json: { deactivate: ['{stream}'] },
      holds: ({ json }, session) => !activeStreams(json).includes(session.streams[0]),
    },
    {
      id: '1.2/patch-on',
      what: 'activate through the list (R2)',
      path: `${streams}/`,
      json: { activate: ['{stream}'] },
      holds: ({ json }, session) => activeStreams(json).includes(session.streams[0]),
    },
    { id: '1.2/patch-nothing', what: 'neither (R2), without a slash', path: streams, json: {} },
  ]),
  ...requestFacts({ status: 422, shape: shape.Refusal, method: 'PATCH', expected: 'detail' }, [
    {
      id: '1.2/patch-unknown',
      what: 'a stream that is not there (R2)',
      path: `${streams}/`,
      json: { activate: ['CAM_H'] },
    },
    {
      id: '1.2/patch-both',
      what: 'the same stream in both lists (R2)',
      path: `${streams}/`,
      json: { activate: ['{stream}'], deactivate: ['{stream}'] },
    },
  ]),
  ...requestFacts(
    { status: 404, shape: shape.Refusal, expected: 'JSON with detail', original: '500' },
    (['config', 'control', 'still'] as const).map((end) => ({
      id: `1.2/unknown-${end}`,
      what: `${end} of a stream that is not there`,
      path: `${streams}/CAM_H/${end}`,
    })),
  ),
  ...requestFacts({ status: 404, shape: shape.Refusal, expected: 'JSON with detail', original: '500' }, [
    { id: '1.2/unknown-activate', what: 'activate CAM_H', method: 'POST', path: `${streams}/CAM_H/` },
    { id: '1.2/unknown-depth', what: 'config of DEPTH_G_H', path: `${streams}/DEPTH_G_H/config` },
  ]),
  requestFact({
    id: '1.2/invalid-name',
    what: 'a name that no stream can have',
    path: `${streams}/front/still`,
    status: 422,
    shape: shape.Refusal,
    expected: 'JSON with detail',
  }),
];
