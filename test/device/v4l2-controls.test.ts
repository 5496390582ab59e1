import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { SensorControl } from '../../src/hardware/cameras/camera.ts';
import { readControl, readControls, writeControl } from '../../src/hardware/cameras/v4l2/controls.ts';
import { V4l2Device } from '../../src/hardware/cameras/v4l2/device.ts';
import { isInLab } from './support/lab.ts';

const NODE = '/dev/video0';
const asV4l2Ctl = (name: string): string =>
  execFileSync('v4l2-ctl', ['-d', NODE, '-C', name], { encoding: 'utf8' }).trim();

function withControl<T>(name: string, use: (device: V4l2Device, control: SensorControl) => T): T {
  const device = V4l2Device.open(NODE);
  try {
    const control = readControls(device).find((each) => each.name === name);
    if (control === undefined) throw new Error(`${NODE} has no control ${name}.`);
    return use(device, control);
  } finally {
    device[Symbol.dispose]();
  }
}

describe.skipIf(!isInLab)('controls of a real driver', () => {
  test('a control that is set is what another program reads, and the other way round', () => {
    withControl('contrast', (device, control) => {
      writeControl(device, control, 77);
      expect(asV4l2Ctl('contrast')).toBe('contrast: 77');
      execFileSync('v4l2-ctl', ['-d', NODE, '-c', 'contrast=99']);
      expect(readControl(device, control)).toBe(99);
    });
  });

  test('a value out of range is refused and changes nothing', () => {
    withControl('contrast', (device, control) => {
      const before = readControl(device, control);
      expect(() => writeControl(device, control, control.maximum + 1)).toThrow(
        expect.objectContaining({ code: 'CONTROL_REJECTED' }),
      );
      expect(readControl(device, control)).toBe(before);
    });
  });

  test('a control that is only to be read is refused', () => {
    withControl('read_only_integer_32_bits', (device, control) => {
      expect(() => writeControl(device, control, 5)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^CONTROL_(LOCKED|REJECTED)$/) }),
      );
    });
  });
});
