import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AttachedDevice, assignMxids, isRealSerial, mxidOf } from './mxid.ts';

const usb = (serial: string, location: string): AttachedDevice => ({
  identity: `usb 046d:0825 ${serial}`,
  location,
  label: serial,
});

/** Strings that look alike once anything but letters and digits is dropped. */
const lookAlikes = fc.stringMatching(/^[aA1 ._:-]{0,8}$/);

test('every mxid consists of upper-case letters and digits only', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, label) => {
      expect(mxidOf(key, label)).toMatch(/^[A-Z0-9]{10,22}$/);
    }),
  );
});

test('different identities never share an mxid, even when their letters and digits agree', () => {
  fc.assert(
    fc.property(fc.uniqueArray(lookAlikes, { minLength: 2, maxLength: 20 }), (serials) => {
      const { mxids } = assignMxids(serials.map((serial, index) => usb(serial, `port ${index}`)));
      expect(new Set(mxids).size).toBe(serials.length);
    }),
  );
});

test('devices with any mix of identities have as many mxids as there are devices', () => {
  const devices = fc.uniqueArray(
    fc.record(
      { identity: lookAlikes, location: lookAlikes, label: lookAlikes },
      { requiredKeys: ['location', 'label'] },
    ),
    { selector: (device) => device.location },
  );
  fc.assert(
    fc.property(devices, (attached) => {
      expect(new Set(assignMxids(attached).mxids).size).toBe(attached.length);
    }),
  );
});

test('a camera with a serial keeps its mxid on another port and beside other cameras', () => {
  const alone = assignMxids([usb('ABC123', '1.2')]).mxids[0];
  expect(assignMxids([usb('XYZ', '1.2'), usb('ABC123', '3')]).mxids[1]).toBe(alone);
  expect(alone).toMatch(/^ABC123/);
});

test('a camera without a serial keeps its mxid on its port', () => {
  const device = { location: 'pci 1.2', label: 'Webcam' };
  expect(assignMxids([device])).toEqual(assignMxids([device]));
  expect(assignMxids([device]).mxids).not.toEqual(assignMxids([{ ...device, location: 'pci 1.3' }]).mxids);
});

test('clones with one serial are told apart by their ports, in any order', () => {
  const [left, right] = [usb('SN0001', '1'), usb('SN0001', '2')];
  const { mxids } = assignMxids([left, right]);
  expect(mxids[0]).not.toBe(mxids[1]);
  expect(assignMxids([right, left]).mxids).toEqual([mxids[1], mxids[0]]);
});

test('a clone keeps its mxid when the other one leaves', () => {
  const [left, right] = [usb('SN0001', '1'), usb('SN0001', '2')];
  const both = assignMxids([left, right]);
  expect(assignMxids([right], both.shared).mxids).toEqual([both.mxids[1]]);
});

test('an identity is never mistaken for a location', () => {
  const { mxids } = assignMxids([
    { identity: 'x', location: 'y', label: '' },
    { location: 'x', label: '' },
  ]);
  expect(mxids[0]).not.toBe(mxids[1]);
});

test.each(['', '0', '00000000', 'FFFF', ' ', '\u{1f600}\u{1f600}'])(
  'the serial %j names no device',
  (serial) => {
    expect(isRealSerial(serial)).toBe(false);
  },
);

test.each(['01', 'ABC123', '0000000001'])('the serial %j names a device', (serial) => {
  expect(isRealSerial(serial)).toBe(true);
});
