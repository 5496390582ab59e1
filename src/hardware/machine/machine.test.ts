import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Machine, processorTemperature } from './index.ts';

let root = '';
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vidicon-machine-'));
  machine = new Machine({ sys: join(root, 'sys'), proc: join(root, 'proc') });
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
function zone(number: number, type: string, temp: string): void {
  put(`sys/class/thermal/thermal_zone${number}/type`, `${type}\n`);
  put(`sys/class/thermal/thermal_zone${number}/temp`, `${temp}\n`);
}

test('tells the temperature of every zone that has a sensor', async () => {
  zone(10, 'cpu-thermal', '51500');
  zone(2, 'gpu-thermal', '48000');
  zone(3, 'empty', '-274000');
  zone(4, 'silent', '');
  put('sys/class/thermal/cooling_device0/type', 'Fan\n');
  expect(await machine.temperatures()).toEqual([
    { zone: 'gpu-thermal', celsius: 48 },
    { zone: 'cpu-thermal', celsius: 51.5 },
  ]);
});

test("the processor's temperature is the mean of its zones, else of all", () => {
  const zones = { cpu: 50, 'soc-thermal': 60, iwlwifi_1: 20 };
  const told = Object.entries(zones).map(([name, celsius]) => ({ zone: name, celsius }));
  expect(processorTemperature(told)).toBe(55);
  expect(processorTemperature(told.slice(2))).toBe(20);
  expect(processorTemperature([])).toBeUndefined();
});

test('memory that the kernel could free remains', async () => {
  put('proc/meminfo', 'MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     600 kB\n');
  expect(await machine.memory()).toEqual({ total: 1_024_000, used: 409_600, remaining: 614_400 });
});

test('a machine that tells nothing has no temperatures and no memory', async () => {
  expect(await machine.temperatures()).toEqual([]);
  expect(await machine.memory()).toEqual({ total: 0, used: 0, remaining: 0 });
  expect(await machine.usbSpeedMbps('/dev/video0')).toBeUndefined();
});

test('the speed of a USB camera is that of its device, above the interface of the node', async () => {
  put('sys/devices/pci0/usb1/1-1/speed', '480\n');
  put('sys/devices/pci0/usb1/1-1/idVendor', '046d\n');
  put('sys/devices/pci0/usb1/1-1/1-1:1.0/video4linux/video0/dev', '81:0\n');
  put('sys/devices/platform/isp/video4linux/video1/dev', '81:1\n');
  mkdirSync(join(root, 'sys/class/video4linux'), { recursive: true });
  for (const [node, device] of [
    ['video0', 'pci0/usb1/1-1/1-1:1.0'],
    ['video1', 'platform/isp'],
  ]) {
    const folder = join(root, `sys/devices/${device}`);
    symlinkSync(folder, join(folder, `video4linux/${node}/device`));
    symlinkSync(join(folder, `video4linux/${node}`), join(root, `sys/class/video4linux/${node}`));
  }
  expect(await machine.usbSpeedMbps('/dev/video0')).toBe(480);
  expect(await machine.usbSpeedMbps('/dev/video1')).toBeUndefined();
});
