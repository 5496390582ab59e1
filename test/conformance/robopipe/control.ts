import { type Fact, shown, verdict } from './fact.ts';
import { keeps, sentBack } from './kept-state.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { field } from './session.ts';
import * as shape from './shapes.ts';

const control = '/cameras/{mxid}/streams/{stream}/control';

/** Devices round to their own steps. */
const isNear = (seen: unknown, wanted: number): boolean =>
  typeof seen === 'number' && Math.abs(seen - wanted) <= wanted / 10;

/** Bodies outside of every generation's range. */
const OUT_OF_RANGE: Readonly<Record<string, object>> = {
  'exposure-0': { exposure_time: 0 },
  'iso-99': { sensitivity_iso: 99 },
  'compensation-10': { auto_exposure_compensation: 10 },
  'contrast-11': { contrast: 11 },
  'contrast-much': { contrast: 'much' },
  'brightness-11': { brightness: 11 },
  'saturation-minus-11': { saturation: -11 },
  'chroma-denoise-5': { chroma_denoise: 5 },
  'luma-denoise-minus-1': { luma_denoise: -1 },
  'white-moonlight': { auto_whitebalance_mode: 'MOONLIGHT' },
  'white-999': { manual_whitebalance: 999 },
  'focus-sideways': { focus: { auto_focus_mode: 'SIDEWAYS' } },
  'lens-1.5': { focus: { auto_focus_mode: 'OFF', lens_position: 1.5 } },
};

/** §1.2: a sensor's controls. */
export const CONTROL: readonly Fact[] = [
  ...requestFacts({ status: 200, shape: shape.SensorControl, expected: 'all of SensorControl' }, [
    { id: '1.2/control', what: 'controls', path: control, holds: keeps(control) },
    {
      id: '1.2/control-empty',
      what: 'an empty change',
      method: 'POST',
      path: control,
      json: {},
    },
    {
      id: '1.2/control-part',
      what: 'a change of one field',
      method: 'POST',
      path: control,
      json: { brightness: 2 },
      holds: ({ json }) => field(json, 'brightness') === 2,
    },
    {
      id: '1.2/control-text',
      what: 'a number as text',
      method: 'POST',
      path: control,
      json: { contrast: '3' },
      holds: ({ json }) => field(json, 'contrast') === 3 && field(json, 'brightness') === 2,
    },
    {
      id: '1.2/control-null',
      what: 'null and unknown fields change nothing',
      method: 'POST',
      path: control,
      json: { contrast: null, colour: 'red' },
      holds: ({ json }) => field(json, 'contrast') === 3,
    },
    {
      id: '1.2/control-read-back',
      what: 'what was set is read back',
      path: control,
      holds: ({ json }) => field(json, 'contrast') === 3 && field(json, 'brightness') === 2,
    },
    {
      id: '1.2/control-exposure',
      what: 'exposure by hand',
      method: 'POST',
      path: control,
      json: { auto_exposure_enable: false, exposure_time: '8000', sensitivity_iso: '400' },
      holds: ({ json }) =>
        field(json, 'auto_exposure_enable') === false && isNear(field(json, 'exposure_time'), 8000),
    },
    {
      id: '1.2/control-white',
      what: 'white balance by hand',
      method: 'POST',
      path: control,
      json: { auto_whitebalance_mode: 'OFF', manual_whitebalance: 5000 },
      holds: ({ json }) =>
        field(json, 'auto_whitebalance_mode') === 'OFF' && isNear(field(json, 'manual_whitebalance'), 5000),
    },
    {
      id: '1.2/control-focus',
      what: 'focus by hand; the object is replaced',
      method: 'POST',
      path: control,
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
    {
      id: '1.2/control-reset',
      what: 'reset (R2)',
      method: 'POST',
      path: `${control}/reset`,
      holds: ({ json }) =>
        field(json, 'contrast') === 0 &&
        field(json, 'brightness') === 0 &&
        field(json, 'auto_exposure_enable') === true &&
        field(json, 'auto_whitebalance_mode') === 'AUTO',
      expected: 'all of SensorControl as at first',
    },
  ]),
  ...Object.entries(OUT_OF_RANGE).map(([name, json]) =>
    requestFact({
      id: `1.2/control-${name}`,
      what: `controls ${shown(json)}`,
      method: 'POST',
      path: control,
      json,
      status: 422,
      shape: shape.Refusal,
      expected: 'JSON with detail',
    }),
  ),
  requestFact({
    id: '1.2/control-capabilities',
    what: 'what controls take (R2)',
    path: `${control}/capabilities`,
    status: 200,
    shape: shape.ControlCapabilities,
    expected: 'capabilities',
  }),
  {
    id: '3.4/controls-kept',
    what: 'controls over a restart of the camera',
    expected: 'as they were set (original: defaults after every change)',
    check: async (session) => {
      await session.postJson(control, { brightness: 3 });
      const { status } = await session.request('/cameras/{mxid}/restart', { method: 'POST' });
      const { json } = await session.request(control);
      await session.postJson(control, { brightness: 0 });
      const isRight = status === 200 && field(json, 'brightness') === 3;
      return verdict(isRight, `${status}, brightness ${shown(field(json, 'brightness'))}`);
    },
  },
  sentBack('1.2/control-back', 'the controls of the beginning, sent back', control),
];
