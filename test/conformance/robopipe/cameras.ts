import type { Fact } from './fact.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { field } from './session.ts';
import { CameraStats, DeviceInfo, DeviceInfos, IrConfig, Refusal } from './shapes.ts';

const camera = '/cameras/{mxid}';

/** §1.1: cameras. The last facts close the camera and open it again. */
export const CAMERAS: readonly Fact[] = [
  ...requestFacts({ status: 200, shape: DeviceInfos, expected: 'DeviceInfo[]' }, [
    { id: '1.1/list', what: 'the list of cameras', path: '/cameras/' },
    { id: '1.1/list-no-slash', what: 'the list without a slash', path: '/cameras', original: '307' },
    { id: '1.1/list-camera', what: 'the list at the path of the guide', path: '/camera/', original: '404' },
    {
      id: '1.1/refresh',
      what: 'look for cameras again, as Studio does',
      method: 'POST',
      path: '/cameras/refresh?boot=true',
      json: {},
    },
    {
      id: '1.1/refresh-plain',
      what: 'look again without a body',
      method: 'POST',
      path: '/cameras/refresh',
    },
  ]),
  ...requestFacts({ status: 200, shape: DeviceInfo, expected: 'DeviceInfo' }, [
    { id: '1.1/camera', what: 'a camera', path: `${camera}/` },
    { id: '1.1/camera-no-slash', what: 'a camera without a slash', path: camera, original: '307' },
    {
      id: '1.1/boot',
      what: 'boot a camera that runs',
      method: 'POST',
      path: `${camera}/`,
      original: 'always 500',
    },
    { id: '1.1/restart', what: 'restart a camera', method: 'POST', path: `${camera}/restart` },
  ]),
  ...requestFacts({ status: 404, shape: Refusal, expected: 'JSON with detail' }, [
    {
      id: '1.1/unknown',
      what: 'a camera that is not there',
      path: '/cameras/NOPE/',
      original: '404 null without CORS',
    },
    {
      id: '1.1/unknown-boot',
      what: 'boot a camera that is not there',
      method: 'POST',
      path: '/cameras/NOPE/',
      original: '500',
    },
    {
      id: '1.1/unknown-shutdown',
      what: 'shut down a camera that is not there',
      method: 'DELETE',
      path: '/cameras/NOPE/',
    },
    {
      id: '1.1/unknown-stats',
      what: 'temperatures of a camera that is not there',
      path: '/cameras/NOPE/stats',
    },
    {
      id: '1.1/unknown-restart',
      what: 'restart a camera that is not there',
      method: 'POST',
      path: '/cameras/NOPE/restart',
    },
  ]),
  requestFact({
    id: '1.1/invalid',
    what: 'an mxid in lower case',
    path: '/cameras/nope/',
    status: 422,
    shape: Refusal,
    expected: 'JSON with detail',
  }),

  requestFact({
    id: '1.1/stats',
    what: 'temperatures and memory',
    path: `${camera}/stats`,
    status: 200,
    shape: CameraStats,
    expected: 'CameraStats',
  }),
  ...requestFacts({ status: 200, shape: IrConfig, expected: 'IRConfig, or null without lights' }, [
    { id: '1.1/ir', what: 'the lights', path: `${camera}/ir` },
    {
      id: '1.1/ir-set',
      what: 'set one light; the other goes to 0',
      method: 'POST',
      path: `${camera}/ir`,
      json: { flood_light: '0.5' },
      holds: ({ json }) => json === null || field(json, 'dot_projector') === 0,
    },
    {
      id: '1.1/ir-replace',
      what: 'an empty body turns the lights off',
      method: 'POST',
      path: `${camera}/ir`,
      json: {},
      holds: ({ json }) => json === null || field(json, 'flood_light') === 0,
    },
  ]),
  requestFact({
    id: '1.1/recording',
    what: 'the recording of a camera (R2)',
    path: `${camera}/recording`,
    status: 200,
    type: 'video/webm',
    expected: 'video/webm',
    isOptional: true,
  }),

  requestFact({
    id: '1.1/shutdown',
    what: 'shut the camera down',
    method: 'DELETE',
    path: `${camera}/`,
    status: 200,
    shape: DeviceInfo,
    expected: 'DeviceInfo',
    original: 'always 500',
  }),
  requestFact({
    id: '1.1/shutdown-listed',
    what: 'a camera that was shut down is listed',
    path: '/cameras/',
    status: 200,
    shape: DeviceInfos,
    holds: ({ json }, { mxid }) => Array.isArray(json) && json.some((one) => field(one, 'mxid') === mxid),
    expected: 'DeviceInfo[] with it',
  }),
  requestFact({
    id: '1.1/shutdown-still',
    what: 'a still of a camera that was shut down',
    path: `${camera}/streams/{stream}/still`,
    status: 409,
    shape: Refusal,
    expected: 'JSON with detail',
    original: '500',
  }),
  requestFact({
    id: '1.1/shutdown-stats',
    what: 'temperatures of a camera that was shut down',
    path: `${camera}/stats`,
    status: [200, 409],
    expected: 'CameraStats, or JSON with detail',
    original: '500',
  }),
  requestFact({
    id: '1.1/boot-again',
    what: 'boot it again',
    method: 'POST',
    path: `${camera}/`,
    status: 200,
    shape: DeviceInfo,
    expected: 'DeviceInfo',
    original: '500',
  }),
  requestFact({
    id: '1.1/boot-still',
    what: 'a still after that',
    path: `${camera}/streams/{stream}/still`,
    status: 200,
    type: 'image/jpeg',
    expected: 'image/jpeg',
  }),
];
