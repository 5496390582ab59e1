import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cameraDenied } from '../errors.ts';
import type { CaptureNode } from './inspect.ts';
import { CameraScanner } from './scanner.ts';

let root = '';
let nodes: Map<string, CaptureNode | string | Error>;
let looks: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sysfs-'));
  nodes = new Map();
  looks = [];
  mkdirSync(join(root, 'sys/class/video4linux'), { recursive: true });
  mkdirSync(join(root, 'sys/devices'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const newScanner = () =>
  new CameraScanner({ sys: join(root, 'sys'), dev: '/dev' }, (node) => {
    looks.push(node);
    const content = nodes.get(node) ?? 'not for video capture';
    if (content instanceof Error) throw content;
    return content;
  });

const captureNode = (card: string, busInfo: string, pixelFormats = ['YUYV']): CaptureNode => ({
  capability: { driver: 'uvcvideo', card, busInfo, capabilities: 0 },
  formats: pixelFormats.map((pixelFormat) => ({ pixelFormat, description: '', frameSizes: [] })),
  controls: [],
});

/** Files of sysfs, as the kernel writes them: with a line feed. */
function files(folder: string, contents: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), `${content}\n`);
}

/** A node below its parent device (a path below /sys/devices), with the links of the kernel. */
function addNode(name: string, parent: string, subsystem = 'usb'): void {
  const device = join(root, 'sys/devices', parent);
  const folder = join(device, 'video4linux', name);
  const bus = join(root, 'sys/bus', subsystem);
  mkdirSync(folder, { recursive: true });
  mkdirSync(bus, { recursive: true });
  symlinkSync(device, join(folder, 'device'));
  if (!existsSync(join(device, 'subsystem'))) symlinkSync(bus, join(device, 'subsystem'));
  symlinkSync(folder, join(root, 'sys/class/video4linux', name));
}

const removeNode = (name: string) => rmSync(join(root, 'sys/class/video4linux', name));

const CONTROLLER = 'pci0000:00/0000:00:14.0';

/** A USB camera on a port such as `1-1.2`; its nodes hang on its first interface. */
function addUsbCamera(port: string, attributes: Record<string, string>, ...names: string[]): void {
  const bus = port.split('-')[0] ?? '';
  files(join(root, 'sys/devices', CONTROLLER, `usb${bus}`), {
    version: ' 2.00',
    idVendor: '1d6b',
    idProduct: '2',
  });
  const device = `${CONTROLLER}/usb${bus}/${port}`;
  files(join(root, 'sys/devices', device), { idVendor: '046d', idProduct: '0825', ...attributes });
  for (const name of names) addNode(name, `${device}/${port}:1.0`);
}

describe('a USB camera', () => {
  test('is one camera with its serial, port and product name; its metadata node is skipped', () => {
    addUsbCamera('1-1.2', { serial: 'ABC123', product: 'HD Webcam' }, 'video0', 'video1');
    nodes.set('/dev/video0', captureNode('HD Webcam: HD Webcam', 'usb-0000:00:14.0-1.2'));
    const { cameras, skipped } = newScanner().scan(false);
    expect(cameras).toEqual([
      {
        mxid: expect.stringMatching(/^ABC123[A-Z2-7]{10}$/),
        cameraName: 'HD Webcam: HD Webcam',
        path: '1-1.2',
        bus: 'usb',
        driver: 'v4l2',
        kernelDriver: 'uvcvideo',
        serial: 'ABC123',
        nodes: ['/dev/video0'],
        sensors: [expect.objectContaining({ name: 'CAM_A', node: '/dev/video0', isColour: true })],
      },
    ]);
    expect(skipped).toEqual([{ node: '/dev/video1', reason: 'not for video capture', isFault: false }]);
  });

  test('with several capture nodes on several interfaces has several sensors, in the order of the nodes', () => {
    addUsbCamera('1-3', { serial: 'DEPTH1' }, 'video10');
    addNode('video9', `${CONTROLLER}/usb1/1-3/1-3:1.4`);
    nodes.set('/dev/video9', captureNode('Depth', 'usb-0000:00:14.0-3', ['Y8I', 'GREY']));
    nodes.set('/dev/video10', captureNode('Depth', 'usb-0000:00:14.0-3', ['YUYV', 'GREY']));
    const { cameras } = newScanner().scan(false);
    expect(
      cameras.map((camera) => camera.sensors.map(({ name, node, isColour }) => [name, node, isColour])),
    ).toEqual([
      [
        ['CAM_A', '/dev/video9', false],
        ['CAM_B', '/dev/video10', true],
      ],
    ]);
  });

  test('that measures depth has depth sensors after its others', () => {
    const depth = ['Z16', 'Y8I', 'GREY', 'YUYV'];
    const offers = [depth, ['GREY'], ['YUYV'], ['Z16'], ['Z16']];
    addUsbCamera('1-3', { serial: 'DEPTH1' }, ...offers.map((_, index) => `video${index}`));
    for (const [index, formats] of offers.entries())
      nodes.set(`/dev/video${index}`, captureNode('Depth', 'usb-0000:00:14.0-3', formats));
    const [camera] = newScanner().scan(false).cameras;
    expect(camera?.sensors.map(({ name, node, isColour }) => [name, node, isColour])).toEqual([
      ['CAM_A', '/dev/video1', false],
      ['CAM_B', '/dev/video2', true],
      ['DEPTH_B_C', '/dev/video0', false],
      ['DEPTH_D_E', '/dev/video3', false],
      ['DEPTH_F_G', '/dev/video4', false],
    ]);
    expect(camera?.sensors[2]?.formats.map(({ pixelFormat }) => pixelFormat)).toEqual(depth);
  });

  test('keeps its mxid on another port and under another node number', () => {
    addUsbCamera('1-1', { serial: 'ABC123' }, 'video0');
    nodes.set('/dev/video0', captureNode('Webcam', 'usb-0000:00:14.0-1'));
    const before = newScanner().scan(false).cameras[0]?.mxid;
    removeNode('video0');
    addUsbCamera('1-2.4', { serial: 'ABC123' }, 'video7');
    nodes.set('/dev/video7', captureNode('Webcam', 'usb-0000:00:14.0-2.4'));
    expect(
      newScanner()
        .scan(false)
        .cameras.map(({ mxid, path }) => [mxid, path]),
    ).toEqual([[before, '1-2.4']]);
  });

  test('without a real serial keeps its mxid on its port, whatever number the bus has', () => {
    addUsbCamera('1-2', { serial: '0000', product: 'Cam' }, 'video0');
    nodes.set('/dev/video0', captureNode('Cam', 'usb-0000:00:14.0-2'));
    const [before] = newScanner().scan(false).cameras;
    expect(before).not.toHaveProperty('serial');
    removeNode('video0');
    addUsbCamera('3-2', { serial: '0000', product: 'Cam' }, 'video1');
    nodes.set('/dev/video1', captureNode('Cam', 'usb-0000:00:14.0-2'));
    expect(newScanner().scan(false).cameras[0]?.mxid).toBe(before?.mxid);
  });

  test('is told apart from its clone, and keeps that mxid when the clone leaves', () => {
    addUsbCamera('1-1', { serial: 'SN0001' }, 'video0');
    addUsbCamera('1-2', { serial: 'SN0001' }, 'video2');
    nodes.set('/dev/video0', captureNode('Cam', 'usb-0000:00:14.0-1'));
    nodes.set('/dev/video2', captureNode('Cam', 'usb-0000:00:14.0-2'));
    const scanner = newScanner();
    const [first, second] = scanner.scan(false).cameras;
    expect(first?.mxid).not.toBe(second?.mxid);
    removeNode('video0');
    expect(scanner.scan(false).cameras.map(({ mxid }) => mxid)).toEqual([second?.mxid]);
  });
});

test('two instances of a driver on one platform device are two cameras', () => {
  addNode('video0', 'platform/vivid.0', 'platform');
  addNode('video1', 'platform/vivid.0', 'platform');
  nodes.set('/dev/video0', captureNode('vivid', 'platform:vivid-000'));
  nodes.set('/dev/video1', captureNode('vivid', 'platform:vivid-001'));
  const { cameras } = newScanner().scan(false);
  expect(cameras.map(({ bus, path, nodes: own }) => [bus, path, own])).toEqual([
    ['platform', 'vivid.0', ['/dev/video0']],
    ['platform', 'vivid.0', ['/dev/video1']],
  ]);
  expect(new Set(cameras.map(({ mxid }) => mxid)).size).toBe(2);
});

test('a capture card on PCI is found by its bus', () => {
  addNode('video0', 'pci0000:00/0000:03:00.0', 'pci');
  nodes.set('/dev/video0', captureNode('Grabber', 'PCI:0000:03:00.0'));
  expect(newScanner().scan(false).cameras).toMatchObject([{ bus: 'pci', path: '0000:03:00.0' }]);
});

test('a node without a parent device is virtual', () => {
  const folder = join(root, 'sys/devices/virtual/video4linux/video10');
  mkdirSync(folder, { recursive: true });
  symlinkSync(folder, join(root, 'sys/class/video4linux/video10'));
  nodes.set('/dev/video10', captureNode('Loopback', 'platform:v4l2loopback-010'));
  expect(newScanner().scan(false).cameras).toMatchObject([{ bus: 'virtual', path: 'video10' }]);
});

test('radio, VBI and sub-device nodes are not even opened', () => {
  for (const name of ['radio0', 'vbi0', 'v4l-subdev0']) addNode(name, `platform/x-${name}`, 'platform');
  expect(newScanner().scan(false)).toEqual({ cameras: [], skipped: [] });
  expect(looks).toEqual([]);
});

test('a machine without video4linux has no cameras', () => {
  rmSync(join(root, 'sys/class/video4linux'), { recursive: true });
  expect(newScanner().scan(false)).toEqual({ cameras: [], skipped: [] });
});

describe('looking into nodes', () => {
  beforeEach(() => {
    addUsbCamera('1-1', { serial: 'ABC123' }, 'video0');
    nodes.set('/dev/video0', captureNode('Webcam', 'usb-1'));
  });

  test('happens once for each, and again when a scan is thorough', () => {
    const scanner = newScanner();
    scanner.scan(false);
    scanner.scan(false);
    expect(looks).toEqual(['/dev/video0']);
    scanner.scan(true);
    expect(looks).toEqual(['/dev/video0', '/dev/video0']);
  });

  test('happens again for a new device under an old name', () => {
    const scanner = newScanner();
    const [before] = scanner.scan(false).cameras;
    removeNode('video0');
    addUsbCamera('1-2', { serial: 'XYZ' }, 'video0');
    const [after] = scanner.scan(false).cameras;
    expect(after?.mxid).not.toBe(before?.mxid);
    expect(looks).toHaveLength(2);
  });

  test('of a node that may not be opened is reported, and tried again at the next scan', () => {
    nodes.set('/dev/video0', cameraDenied('/dev/video0'));
    const scanner = newScanner();
    expect(scanner.scan(false)).toEqual({
      cameras: [],
      skipped: [{ node: '/dev/video0', reason: expect.stringContaining('group video'), isFault: true }],
    });
    nodes.set('/dev/video0', captureNode('Webcam', 'usb-1'));
    expect(scanner.scan(false).cameras).toHaveLength(1);
  });

  test('that fails for a known node leaves it as it was', () => {
    const scanner = newScanner();
    const before = scanner.scan(false);
    nodes.set('/dev/video0', cameraDenied('/dev/video0'));
    expect(scanner.scan(true)).toEqual(before);
  });
});
