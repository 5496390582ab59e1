import type { Fact } from './fact.ts';
import { requestFact } from './request-fact.ts';
import { field } from './session.ts';
import { DeviceInfo, DeviceInfos, Refusal, StreamList } from './shapes.ts';

const camera = '/cameras/{mxid}';

/** §1.1: the camera is shut down and booted again. */
export const CAMERA_LIFE: readonly Fact[] = [
  requestFact({
    id: '1.1/shutdown',
    what: 'shut the camera down',
    method: 'DELETE',
    path: `${camera}/`,
    status: 200,
    shape: DeviceInfo,
    holds: ({ json }) => field(json, 'state') === 'X_LINK_UNBOOTED',
    expected: 'DeviceInfo, X_LINK_UNBOOTED',
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
    id: '1.1/shutdown-again',
    what: 'shut it down again, without a slash',
    method: 'DELETE',
    path: camera,
    status: 200,
    shape: DeviceInfo,
    expected: 'DeviceInfo',
    original: '307, then 500',
  }),
  requestFact({
    id: '1.1/shutdown-streams',
    what: 'streams of a camera that was shut down',
    path: `${camera}/streams/`,
    status: 200,
    shape: StreamList,
    expected: 'the list',
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
    holds: ({ json }) => field(json, 'state') === 'X_LINK_BOOTED',
    expected: 'DeviceInfo, X_LINK_BOOTED',
    original: '500',
  }),
  requestFact({
    id: '1.1/boot-no-slash',
    what: 'boot it without a slash',
    method: 'POST',
    path: camera,
    status: 200,
    shape: DeviceInfo,
    expected: 'DeviceInfo',
    original: '307, then 500',
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
