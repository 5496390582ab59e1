import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Service } from '../support/service.ts';
import type { UsbCamera } from './lab/usb-camera/index.ts';
import { isInLab, useLab } from './support/lab.ts';

const SIZE = { width: 320, height: 240 };
const control = (mxid: string, path = ''): string => `/cameras/${mxid}/streams/CAM_A/control${path}`;

type Settings = Readonly<Record<string, unknown>>;

async function post(service: Service, path: string, change: object = {}): Promise<Settings> {
  const body = JSON.stringify(change);
  return service.json(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

/** Collects what the driver sets in a camera. */
function recordOf(camera: UsbCamera): string[] {
  const heard: string[] = [];
  camera.on('control', (name, value) => heard.push(`${name}=${value}`));
  return heard;
}

describe.skipIf(!isInLab)('controls through REST', () => {
  const lab = useLab(() => ({
    state: { folder: mkdtempSync(join(tmpdir(), 'vidicon-state-')) },
    streams: {
      stallTimeoutMs: 20_000,
      capture: { ...SIZE, frameRate: 10 },
      encoder: { codec: 'libx264', gopLength: 10 },
    },
  }));

  beforeAll(async () => {
    await lab.pictures.of('mjpeg', SIZE); // so that cameras show them at once
  });

  const vivid = async (service: Service): Promise<{ mxid: string; node: string }> => {
    const [first] = await lab.cameras(service, 'vivid', ({ length }) => length === 2, 'Two cameras of vivid');
    return { mxid: first?.mxid ?? '', node: first?.nodes[0] ?? '' };
  };
  const plug = async (service: Service, serial: string) => {
    const camera = await lab.plug(0, serial);
    const has = (cameras: readonly { serial?: string }[]) => cameras.some((each) => each.serial === serial);
    const cameras = await lab.cameras(service, 'uvcvideo', has, `The camera ${serial} being listed`);
    return { camera, mxid: cameras.find((each) => each.serial === serial)?.mxid ?? '' };
  };

  test('a control set through REST is what v4l2-ctl reads, and the other way round, while pictures flow', async () => {
    const service = await lab.service();
    const { mxid, node } = await vivid(service);
    const client = lab.watch(service, mxid);
    await client.more(3);
    expect(await post(service, control(mxid), { contrast: 5 })).toMatchObject({ contrast: 5 });
    expect(await lab.run('v4l2-ctl', '-d', node, '-C', 'contrast')).toBe('contrast: 192\n');
    await lab.run('v4l2-ctl', '-d', node, '-c', 'contrast=255,hue=7');
    expect(await service.json(control(mxid))).toMatchObject({ contrast: 10 });
    expect(await service.json(control(mxid, '/native'))).toMatchObject({ contrast: 255, hue: 7 });
    await client.more(3);
  });

  test('a reset brings the defaults of the driver', async () => {
    const service = await lab.service();
    const { mxid, node } = await vivid(service);
    await post(service, control(mxid), { contrast: 5, auto_exposure_enable: false, sensitivity_iso: 2000 });
    expect(await lab.run('v4l2-ctl', '-d', node, '-C', 'gain_automatic')).toBe('gain_automatic: 0\n');
    const reset = await post(service, control(mxid, '/reset'));
    expect(reset).toMatchObject({ contrast: 0, auto_exposure_enable: true });
    expect(await lab.run('v4l2-ctl', '-d', node, '-C', 'contrast,saturation')).toBe(
      'contrast: 128\nsaturation: 128\n',
    );
  });

  test('what the driver refuses is refused, by its name', async () => {
    const service = await lab.service();
    const { mxid } = await vivid(service);
    const answer = async (values: object) => {
      const body = JSON.stringify(values);
      const headers = { 'content-type': 'application/json' };
      const response = await service.fetch(control(mxid, '/native'), { method: 'POST', headers, body });
      return { status: response.status, ...((await response.json()) as object) };
    };
    expect(await answer({ contrast: 256 })).toMatchObject({ status: 422, code: 'CONTROL_REJECTED' });
    expect(await answer({ read_only_integer_32_bits: 1 })).toMatchObject({
      status: 409,
      code: 'CONTROL_LOCKED',
    });
    expect(await answer({ nothing: 1 })).toMatchObject({ status: 404, code: 'CONTROL_NOT_FOUND' });
  });

  test('a webcam is told the automatic modes first, and a value that is held once it is free', async () => {
    const service = await lab.service();
    const { camera, mxid } = await plug(service, 'ORDER');
    const before = await service.json<Settings>(control(mxid));
    expect(before).toMatchObject({ auto_exposure_enable: true, auto_whitebalance_mode: 'AUTO' });
    const heard = recordOf(camera);
    expect(await post(service, control(mxid), { ...before, exposure_time: '12300' })).toEqual({
      ...before,
      exposure_time: 12_300,
    });
    expect(heard).toEqual([]);
    const manual = await post(service, control(mxid), { auto_exposure_enable: false });
    expect(manual).toMatchObject({ auto_exposure_enable: false, exposure_time: 12_300 });
    expect(heard.splice(0)).toEqual(['exposure_mode=1', 'exposure_time=123']);
    const balanced = { auto_whitebalance_mode: 'OFF', manual_whitebalance: 3000 };
    const focused = { focus: { auto_focus_mode: 'OFF', lens_position: 0.5 } };
    expect(await post(service, control(mxid), { ...focused, ...balanced })).toMatchObject({
      ...balanced,
      focus: { auto_focus_mode: 'OFF', lens_position: expect.closeTo(0.5, 1) },
    });
    expect(heard.splice(0).sort()).toEqual([
      expect.stringMatching(/^focus=12[05]$/),
      'focus_auto=0',
      'white_balance_auto=0',
      'white_balance_temperature=3000',
    ]);
    expect(await service.json(control(mxid, '/capabilities'))).toMatchObject({
      exposure_time: { min: 300, max: 204_700, default: 25_000, step: 100 },
      manual_whitebalance: { min: 2000, max: 6500 },
      auto_focus_modes: ['OFF', 'CONTINUOUS_VIDEO', 'CONTINUOUS_PICTURE'],
    });
  });

  test('a webcam that refuses a control says so, and takes it once it is willing', async () => {
    const service = await lab.service();
    const { camera, mxid } = await plug(service, 'REFUSES');
    await service.json(control(mxid));
    camera.refuseControls(true);
    const headers = { 'content-type': 'application/json' };
    const refused = await service.fetch(control(mxid), {
      method: 'POST',
      headers,
      body: '{"brightness": 5}',
    });
    expect(await refused.json()).toMatchObject({
      status: 422,
      code: 'CONTROL_REJECTED',
      detail: expect.stringContaining('brightness'),
    });
    camera.refuseControls(false);
    expect(await post(service, control(mxid), { brightness: 5 })).toMatchObject({ brightness: 5 });
  });

  test('what was set outlasts unplugging, and another opening of the camera', async () => {
    const service = await lab.service();
    const first = await plug(service, 'LASTS');
    await post(service, control(first.mxid), {
      auto_exposure_enable: false,
      exposure_time: 5000,
      saturation: 5,
    });
    const client = lab.watch(service, first.mxid);
    await client.more(3);
    await lab.unplug(first.camera);
    const isGone = (cameras: readonly { serial?: string }[]) => cameras.length === 0;
    await lab.cameras(service, 'uvcvideo', isGone, 'The camera being gone');
    await expect(service.json(control(first.mxid))).rejects.toThrow(/404 .*CAMERA_NOT_FOUND/);
    const camera = await lab.plug(0, 'LASTS');
    const heard = recordOf(camera);
    await once(camera, 'start');
    await eventually(
      () => heard.join(),
      (all) => all.includes('exposure_time=50') && all.includes('saturation=192'),
      'The camera being told what was set',
    );
    expect(heard.indexOf('exposure_mode=1')).toBeLessThan(heard.indexOf('exposure_time=50'));
    expect(await service.json(control(first.mxid))).toMatchObject({ exposure_time: 5000, saturation: 5 });
    await client.more(3);
  });
});
