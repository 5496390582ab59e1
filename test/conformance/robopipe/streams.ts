import type { Fact } from './fact.ts';
import { shown, skipped, verdict } from './fact.ts';
import { isPng, isWebp, jpegSize } from './image.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { activeStreams, field } from './session.ts';
import * as shape from './shapes.ts';

const streams = '/cameras/{mxid}/streams';
const stream = `${streams}/{stream}`;

const LIST: readonly Fact[] = [
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

const ACTIVATION: readonly Fact[] = [
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
    { id: '1.2/deactivate-again', what: 'deactivate it again', path: `${stream}/` },
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
  ...requestFacts(
    { status: [404, 409], shape: shape.Refusal, expected: 'JSON with detail', original: '500' },
    [{ id: '1.2/inactive-still', what: 'a still of an inactive stream', path: `${stream}/still` }],
  ),
  requestFact({
    ...activation,
    id: '1.2/activate-again',
    what: 'activate it again',
    method: 'POST',
    path: `${stream}/`,
    status: 201,
    holds: () => true,
    expected: 'null',
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
    { id: '1.2/patch-nothing', what: 'neither (R2)', path: `${streams}/`, json: {} },
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
    { id: '1.2/unknown-depth', what: 'config of DEPTH_B_C', path: `${streams}/DEPTH_B_C/config` },
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

const STILL: readonly Fact[] = [
  ...requestFacts({ status: 200, expected: 'an image of that format' }, [
    {
      id: '1.2/still',
      what: 'a still',
      path: `${stream}/still`,
      type: 'image/jpeg',
      holds: ({ bytes }) => jpegSize(bytes) !== undefined,
    },
    {
      id: '1.2/still-jpeg',
      what: 'a still as jpeg',
      path: `${stream}/still?format=jpeg`,
      type: 'image/jpeg',
      holds: ({ bytes }) => jpegSize(bytes) !== undefined,
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
      type: 'image/jpeg',
      holds: ({ bytes }) => jpegSize(bytes) !== undefined,
      original: '500',
    },
    {
      id: '1.2/still-sensors',
      what: 'a still at the path of old examples',
      path: '/cameras/{mxid}/sensors/{stream}/still',
      type: 'image/jpeg',
      original: '404',
    },
  ]),
  requestFact({
    id: '1.2/still-unknown',
    what: 'a still as tarot',
    path: `${stream}/still?format=tarot`,
    status: 422,
    shape: shape.Refusal,
    expected: 'JSON with detail',
    original: '500',
  }),
];

/** Devices round to their own steps. */
const isNear = (seen: unknown, wanted: number): boolean =>
  typeof seen === 'number' && Math.abs(seen - wanted) <= wanted / 10;

const CONTROL: readonly Fact[] = [
  ...requestFacts({ status: 200, shape: shape.SensorControl, expected: 'all of SensorControl' }, [
    { id: '1.2/control', what: 'controls', path: `${stream}/control` },
    {
      id: '1.2/control-empty',
      what: 'an empty change',
      method: 'POST',
      path: `${stream}/control`,
      json: {},
    },
    {
      id: '1.2/control-part',
      what: 'a change of one field',
      method: 'POST',
      path: `${stream}/control`,
      json: { brightness: 2 },
      holds: ({ json }) => field(json, 'brightness') === 2,
    },
    {
      id: '1.2/control-text',
      what: 'a number as text',
      method: 'POST',
      path: `${stream}/control`,
      json: { contrast: '3' },
      holds: ({ json }) => field(json, 'contrast') === 3 && field(json, 'brightness') === 2,
    },
    {
      id: '1.2/control-null',
      what: 'null and unknown fields change nothing',
      method: 'POST',
      path: `${stream}/control`,
      json: { contrast: null, colour: 'red' },
      holds: ({ json }) => field(json, 'contrast') === 3,
    },
    {
      id: '1.2/control-read-back',
      what: 'what was set is read back',
      path: `${stream}/control`,
      holds: ({ json }) => field(json, 'contrast') === 3 && field(json, 'brightness') === 2,
    },
    {
      id: '1.2/control-exposure',
      what: 'exposure by hand',
      method: 'POST',
      path: `${stream}/control`,
      json: { auto_exposure_enable: false, exposure_time: '8000', sensitivity_iso: '400' },
      holds: ({ json }) =>
        field(json, 'auto_exposure_enable') === false && isNear(field(json, 'exposure_time'), 8000),
    },
    {
      id: '1.2/control-white',
      what: 'white balance by hand',
      method: 'POST',
      path: `${stream}/control`,
      json: { auto_whitebalance_mode: 'OFF', manual_whitebalance: 5000 },
      holds: ({ json }) =>
        field(json, 'auto_whitebalance_mode') === 'OFF' && isNear(field(json, 'manual_whitebalance'), 5000),
    },
    {
      id: '1.2/control-focus',
      what: 'focus by hand; the object is replaced',
      method: 'POST',
      path: `${stream}/control`,
      json: { focus: { auto_focus_mode: 'OFF', lens_position: 0.5 } },
      status: [200, 422],
      holds: ({ status, json }) => {
        const focus = field(json, 'focus');
        return (
          (status === 422 && field(json, 'detail') !== undefined) ||
          focus === null ||
          (field(focus, 'auto_focus_mode') === 'OFF' && isNear(field(focus, 'lens_position'), 0.5))
        );
      },
      shape: {},
      expected: 'OFF at 0.5; null, or 422 with detail, where the focus is fixed',
    },
    { id: '1.2/control-reset', what: 'reset (R2)', method: 'POST', path: `${stream}/control/reset` },
  ]),
  ...requestFacts({ status: 422, shape: shape.Refusal, method: 'POST', expected: 'JSON with detail' }, [
    { id: '1.2/control-range', what: 'brightness 11', path: `${stream}/control`, json: { brightness: 11 } },
    {
      id: '1.2/control-word',
      what: 'contrast "much"',
      path: `${stream}/control`,
      json: { contrast: 'much' },
    },
    {
      id: '1.2/control-mode',
      what: 'a white balance that does not exist',
      path: `${stream}/control`,
      json: { auto_whitebalance_mode: 'MOONLIGHT' },
    },
  ]),
  requestFact({
    id: '1.2/control-capabilities',
    what: 'what controls take (R2)',
    path: `${stream}/control/capabilities`,
    status: 200,
    shape: shape.ControlCapabilities,
    expected: 'capabilities',
  }),
];

const CONFIG: readonly Fact[] = [
  ...requestFacts({ status: 200, shape: shape.StreamConfig, expected: 'one of the three shapes' }, [
    {
      id: '1.2/config',
      what: 'a configuration',
      path: `${stream}/config`,
      holds: ({ json }, session) => {
        session.keep('configuration', json);
        return true;
      },
    },
    { id: '1.2/config-other', what: "the second sensor's configuration", path: `${streams}/{other}/config` },
    {
      id: '1.2/config-part',
      what: 'a change of one field',
      method: 'POST',
      path: `${stream}/config`,
      json: { fps: 10 },
      holds: ({ json }) => field(json, 'fps') === 10,
      original: '422',
    },
    {
      id: '1.2/config-text',
      what: 'a number as text',
      method: 'POST',
      path: `${stream}/config`,
      json: { fps: '15' },
      holds: ({ json }) => field(json, 'fps') === 15,
    },
  ]),
  {
    id: '1.2/config-full',
    what: 'a whole configuration with one field changed',
    expected: '200 the same with it, and read back (restarts the pipeline in the original)',
    check: async (session) => {
      const before = (await session.request(`${stream}/config`)).json;
      const answer = await session.postJson(`${stream}/config`, { ...Object(before), fps: 12 });
      const after = (await session.request(`${stream}/config`)).json;
      const wanted = JSON.stringify({ ...Object(before), fps: 12 });
      const isRight = answer.status === 200 && answer.text === wanted && JSON.stringify(after) === wanted;
      return verdict(isRight, `${answer.status} ${shown(answer.text)}`);
    },
  },
  {
    id: '1.2/config-r2',
    what: 'a configuration in the words of R2',
    expected: '200, and stills of that size',
    check: async (session) => {
      const before = (await session.request(`${stream}/config`)).json;
      const config = { width: 640, height: 360, fps: 15, resize_mode: 'CROP' };
      const answer = await session.postJson(`${stream}/config`, config);
      const size = jpegSize((await session.request(`${stream}/still`)).bytes);
      await session.postJson(`${stream}/config`, before);
      const isRight = answer.status === 200 && size?.width === 640 && size.height === 360;
      return verdict(isRight, `${answer.status} ${shown(answer.text)}; still ${shown(size)}`);
    },
  },
  ...requestFacts({ status: 422, shape: shape.Refusal, method: 'POST', expected: 'JSON with detail' }, [
    {
      id: '1.2/config-enum',
      what: 'a resolution that does not exist',
      path: `${stream}/config`,
      json: { resolution: 'THE_7_P' },
    },
    { id: '1.2/config-fps', what: 'a rate below 0', path: `${stream}/config`, json: { fps: -1 } },
  ]),
  requestFact({
    id: '1.2/config-available',
    what: 'possible sizes and rates (R2)',
    path: `${stream}/config/available`,
    status: 200,
    shape: shape.AvailableConfigs,
    expected: '[{width, height, min_fps, max_fps}]',
  }),
];

const CONTROLS_KEPT: Fact = {
  id: '3.4/controls-kept',
  what: 'controls over a restart of the camera',
  expected: 'as they were set (original: defaults after every change)',
  check: async (session) => {
    await session.postJson(`${stream}/control`, { brightness: 3 });
    const { status } = await session.request('/cameras/{mxid}/restart', { method: 'POST' });
    const { json } = await session.request(`${stream}/control`);
    await session.postJson(`${stream}/control`, { brightness: 0 });
    const isRight = status === 200 && field(json, 'brightness') === 3;
    return verdict(isRight, `${status}, brightness ${shown(field(json, 'brightness'))}`);
  },
};

const CONFIG_BACK: Fact = {
  id: '1.2/config-back',
  what: 'the configuration of the beginning, sent back',
  expected: '200 the same',
  check: async (session) => {
    const before = session.kept('configuration');
    if (before === undefined) return skipped('1.2/config was not asked for it');
    const answer = await session.postJson(`${stream}/config`, before);
    const names = Object.keys(Object(before));
    const isSame = names.every(
      (name) => JSON.stringify(field(answer.json, name)) === JSON.stringify(field(before, name)),
    );
    return verdict(answer.status === 200 && isSame, `${answer.status} ${shown(answer.text)}`);
  },
};

/** §1.2 of R2 that a service may leave out. */
const OPTIONAL: readonly Fact[] = [
  requestFact({
    id: '1.2/replay',
    what: 'a file instead of the sensor (R2)',
    path: `${stream}/replay`,
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
      const answer = await session.postJson(`${stream}/video`, { sdp: 'v=0', type: 'offer' });
      if (answer.status === 404 || answer.status === 405) return skipped('not offered here');
      return verdict([200, 422].includes(answer.status), `${answer.status} ${shown(answer.text)}`);
    },
  },
];

/** §1.2: streams. */
export const STREAMS: readonly Fact[] = [
  ...LIST,
  ...STILL,
  ...CONTROL,
  ...CONFIG,
  CONFIG_BACK,
  CONTROLS_KEPT,
  ...ACTIVATION,
  ...OPTIONAL,
];
