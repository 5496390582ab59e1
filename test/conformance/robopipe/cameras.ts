import type { Fact } from './fact.ts';
import { keeps, sentBack } from './kept-state.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { field } from './session.ts';
import { CameraStats, DeviceInfo, DeviceInfos, IrConfig, Refusal } from './shapes.ts';

const camera = '/cameras/{mxid}';
const lights = `${camera}/ir`;

/** Lights have their own steps; one that is only on or off is on. */
const isHalf = (seen: unknown): boolean => typeof seen === 'number' && seen >= 0.45;

/** §1.1: cameras. */
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
    id: '1.1/invalid-in-part',
    what: 'an mxid with lower case in it',
    path: '/cameras/Abc/',
    status: [404, 422],
    shape: Refusal,
    expected: 'JSON with detail',
    original: '404, for one right letter is enough',
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
    { id: '1.1/ir', what: 'the lights', path: lights, holds: keeps(lights) },
    {
      id: '1.1/ir-set',
      what: 'set one light; the other goes to 0',
      method: 'POST',
      path: lights,
      json: { flood_light: '0.5' },
      holds: ({ json }) =>
        json === null || (isHalf(field(json, 'flood_light')) && field(json, 'dot_projector') === 0),
    },
    {
      id: '1.1/ir-replace',
      what: 'an empty body turns the lights off',
      method: 'POST',
      path: lights,
      json: {},
      holds: ({ json }) => json === null || field(json, 'flood_light') === 0,
    },
  ]),
  requestFact({
    id: '1.1/ir-range',
    what: 'a light at 1.5',
    method: 'POST',
    path: lights,
    json: { flood_light: 1.5 },
    status: 422,
    shape: Refusal,
    expected: 'JSON with detail',
  }),
  sentBack('1.1/ir-back', 'the lights of the beginning, sent back', lights),
];
