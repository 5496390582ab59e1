import type { Clock } from '../../../core/clock.ts';
import type { CameraDriver } from '../camera.ts';
import { cameraNotFound } from '../errors.ts';
import type { SimulatedFault } from './fault-line.ts';
import { SimulatedCamera, type SimulatedCameraOptions } from './simulated-camera.ts';

export interface SimulatedDriverOptions {
  readonly cameras: readonly SimulatedCameraOptions[];
  /** `cameras()` has changed. */
  onChange(): void;
  readonly clock: Clock;
  /** Longest silence of an open sensor, in milliseconds. */
  readonly stallTimeoutMs: number;
}

/** The driver of simulated cameras, which can be made to misbehave. */
export interface SimulatedDriver extends CameraDriver {
  /**
   * Makes a camera misbehave now. A stall or resize hits the sensors that are open.
   * @throws AppError CAMERA_NOT_FOUND
   */
  inject(mxid: string, fault: SimulatedFault): void;
}

/** Cameras that need no hardware: for a first look, for demonstrations, and for every test above the drivers. */
export function createSimulatedDriver({ cameras, ...host }: SimulatedDriverOptions): SimulatedDriver {
  const all = new Map(cameras.map((options) => [options.mxid, new SimulatedCamera(options, host)]));
  const find = (mxid: string): SimulatedCamera => {
    const camera = all.get(mxid);
    if (camera === undefined) throw cameraNotFound(mxid);
    return camera;
  };
  return {
    kind: 'simulated',
    cameras: () => [...all.values()].filter(({ isPresent }) => isPresent).map(({ info }) => info),
    refresh: async () => {},
    open: async (mxid, sensor, request, listener, { signal }) =>
      find(mxid).open(sensor, request, listener, signal),
    controls: async (mxid, sensor) => find(mxid).controls(sensor),
    setControls: async (mxid, sensor, values) => find(mxid).setControls(sensor, values),
    inject: (mxid, fault) => find(mxid).inject(fault),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...all.values()].map((camera) => camera[Symbol.asyncDispose]()));
    },
  };
}
