import { type Static, Type } from '../../core/schema.ts';
import { CAMERA_BUSES, type CameraBus, type CameraInfo } from '../../hardware/cameras/camera.ts';

const PROTOCOLS: Readonly<
  Record<CameraBus, 'X_LINK_USB_VSC' | 'X_LINK_TCP_IP' | 'X_LINK_PCIE' | 'X_LINK_ANY_PROTOCOL'>
> = {
  usb: 'X_LINK_USB_VSC',
  network: 'X_LINK_TCP_IP',
  pci: 'X_LINK_PCIE',
  platform: 'X_LINK_ANY_PROTOCOL',
  file: 'X_LINK_ANY_PROTOCOL',
  virtual: 'X_LINK_ANY_PROTOCOL',
};

/** A camera in the form of the Robopipe API, with what it has no words for added. */
export const DeviceInfo = Type.Object(
  {
    mxid: Type.String({ description: "The camera's id, stable across reboots and ports." }),
    name: Type.String({ description: 'Where it is attached: USB path, bus address or host.' }),
    camera_name: Type.String({ description: 'Product name.' }),
    platform: Type.Enum(['X_LINK_ANY_PLATFORM']),
    protocol: Type.Enum(['X_LINK_USB_VSC', 'X_LINK_TCP_IP', 'X_LINK_PCIE', 'X_LINK_ANY_PROTOCOL'], {
      description: 'How it is attached.',
    }),
    state: Type.Enum(['X_LINK_BOOTED', 'X_LINK_UNBOOTED'], {
      description: 'X_LINK_BOOTED unless a client has closed it.',
    }),
    status: Type.Enum(['X_LINK_SUCCESS']),
    driver: Type.String({ description: 'What serves it here: `v4l2`, `url`, `simulated`.' }),
    bus: Type.Enum(CAMERA_BUSES),
    kernelDriver: Type.Optional(Type.String({ description: "The kernel's driver, where there is one." })),
    serial: Type.Optional(Type.String({ description: 'Serial number, where it tells one.' })),
    nodes: Type.Array(Type.String(), { description: 'Its device nodes.' }),
    sensors: Type.Array(
      Type.Object({
        name: Type.String({ description: '`CAM_A`, `CAM_B`, …' }),
        label: Type.String({ description: 'What people call it.' }),
        isColour: Type.Boolean(),
        isRunning: Type.Boolean({ description: 'Whether one of its streams runs.' }),
      }),
    ),
  },
  { $id: 'DeviceInfo', description: 'A camera.' },
);
export type DeviceInfo = Static<typeof DeviceInfo>;

/** What tells the state of a camera. */
export interface CameraActivity {
  isCameraOpen(mxid: string): boolean;
  isRunning(mxid: string, sensor: string): boolean;
}

export function deviceInfo(camera: CameraInfo, streams: CameraActivity): DeviceInfo {
  const { mxid } = camera;
  return {
    mxid,
    name: camera.path,
    camera_name: camera.cameraName,
    platform: 'X_LINK_ANY_PLATFORM',
    protocol: PROTOCOLS[camera.bus],
    state: streams.isCameraOpen(mxid) ? 'X_LINK_BOOTED' : 'X_LINK_UNBOOTED',
    status: 'X_LINK_SUCCESS',
    driver: camera.driver,
    bus: camera.bus,
    ...(camera.kernelDriver !== undefined && { kernelDriver: camera.kernelDriver }),
    ...(camera.serial !== undefined && { serial: camera.serial }),
    nodes: [...camera.nodes],
    sensors: camera.sensors.map(({ name, label, isColour }) => {
      return { name, label, isColour, isRunning: streams.isRunning(mxid, name) };
    }),
  };
}
