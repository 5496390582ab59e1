import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseUevent } from './uevent.ts';

const datagram = (...strings: string[]) => Buffer.from(strings.map((text) => `${text}\0`).join(''));

test('a message of the kernel tells action, device and subsystem', () => {
  const devicePath = '/devices/platform/vivid.0/video4linux/video0';
  const bytes = datagram(
    `add@${devicePath}`,
    'ACTION=add',
    `DEVPATH=${devicePath}`,
    'SUBSYSTEM=video4linux',
    'MAJOR=81',
    'DEVNAME=video0',
    'SEQNUM=1234',
  );
  expect(parseUevent(bytes)).toEqual({ action: 'add', devicePath, subsystem: 'video4linux' });
});

test('a message of udev is none of the kernel', () => {
  expect(parseUevent(datagram('libudev', 'SUBSYSTEM=video4linux'))).toBeUndefined();
});

test('any bytes are either a complete message or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const event = parseUevent(bytes);
      if (event !== undefined) expect(event.devicePath).toMatch(/^\//);
    }),
  );
});

test('a message cut short anywhere is shorter or none, never wrong', () => {
  const whole = datagram('remove@/devices/x', 'ACTION=remove', 'DEVPATH=/devices/x', 'SUBSYSTEM=usb');
  fc.assert(
    fc.property(fc.nat(whole.length), (length) => {
      const event = parseUevent(whole.subarray(0, length));
      if (event === undefined) return;
      expect(event).toMatchObject({ action: 'remove', devicePath: '/devices/x' });
      expect('usb'.startsWith(event.subsystem)).toBe(true);
    }),
  );
});
