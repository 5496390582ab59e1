import type { ResizeMode } from '../../../media/image-scale.ts';
import type { SetConfig } from './config-request.ts';
import { resolutionOf, type Size } from './resolutions.ts';
import type { SensorMode } from './sensor-modes.ts';

/**
 * The configuration of a sensor in one of Robopipe's three shapes. Colour sensors in a mode that has a name show every
 * field; mono sensors the resolution and rate alone; sensors in other modes show the resolution as width and height,
 * and no crop. What a client has set is shown in every shape.
 */
export interface SensorConfig {
  readonly resolution: string | Size;
  readonly fps: number;
  readonly still_size?: Size;
  readonly preview_size?: Size;
  readonly video_size?: Size;
  readonly sensor_crop?: Size;
  readonly resize_mode?: ResizeMode;
}

const USUAL_PREVIEW: Size = [300, 300];
const NO_CROP: Size = [0, 0];

export function shownConfig(isColour: boolean, mode: SensorMode, set: SetConfig): SensorConfig {
  const name = resolutionOf(mode.size, isColour);
  const isMono = name !== undefined && !isColour;
  const isNamedColour = name !== undefined && isColour;
  const stillSize = set.stillSize ?? (isMono ? undefined : mode.size);
  const previewSize = set.previewSize ?? (isMono ? undefined : USUAL_PREVIEW);
  const sensorCrop = set.sensorCrop ?? (isNamedColour ? NO_CROP : undefined);
  return {
    resolution: name ?? mode.size,
    ...(stillSize && { still_size: stillSize }),
    ...(previewSize && { preview_size: previewSize }),
    ...(!isMono && { video_size: mode.size }),
    ...(sensorCrop && { sensor_crop: sensorCrop }),
    ...(set.resizeMode && { resize_mode: set.resizeMode }),
    fps: mode.frameRate,
  };
}
