import type { SensorControl, SensorFormat } from '../camera.ts';
import { readControls } from './controls.ts';
import { type Capability, V4l2Device } from './device.ts';
import { readFormats } from './formats.ts';
import { VALUES } from './layout.ts';

/** What a capture node can do. */
export interface CaptureNode {
  readonly capability: Capability;
  readonly formats: readonly SensorFormat[];
  readonly controls: readonly SensorControl[];
}

/**
 * Looks into a device node without disturbing a capture that runs on it.
 * @returns why the service has no use for it, when it is no capture node.
 * @throws AppError CAMERA_DENIED, CAMERA_BUSY, SOURCE_GONE, SOURCE_FAILED.
 */
export function inspectNode(node: string): CaptureNode | string {
  const device = V4l2Device.open(node);
  try {
    const capability = device.capability();
    const obstacle = obstacleIn(capability.capabilities);
    if (obstacle !== undefined) return obstacle;
    return { capability, formats: readFormats(device), controls: readControls(device) };
  } finally {
    device[Symbol.dispose]();
  }
}

/** Why a node of these capabilities cannot be captured from; undefined when it can. */
export function obstacleIn(capabilities: number): string | undefined {
  const has = (bit: number) => (capabilities & bit) !== 0;
  if (has(VALUES.V4L2_CAP_VIDEO_M2M)) return 'a memory-to-memory device';
  if (!has(VALUES.V4L2_CAP_VIDEO_CAPTURE)) {
    if (has(VALUES.V4L2_CAP_VIDEO_CAPTURE_MPLANE)) return 'multi-planar only';
    return 'not for video capture (metadata, output, radio, …)';
  }
  if (!has(VALUES.V4L2_CAP_STREAMING)) return 'without streaming I/O';
  if (has(VALUES.V4L2_CAP_IO_MC))
    return 'part of a pipeline that must be set up through the media controller';
  return undefined;
}
