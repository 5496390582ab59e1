import type { CaptureRequest } from '../../../media/source.ts';
import { sensorConfigInvalid, sensorModeUnavailable } from '../errors.ts';
import { type ConfigRequest, defined, type SetConfig } from './config-request.ts';
import { isSameSize, resolutionOf, type Size, sizeOfResolution } from './resolutions.ts';
import { shownConfig } from './sensor-config.ts';
import {
  availableModes,
  hasSize,
  isRateWithin,
  isSameRate,
  type ModeSensor,
  modesText,
  nearestMode,
  ratesOf,
  type SensorMode,
} from './sensor-modes.ts';

/** A sensor as a change of its configuration finds it. */
export interface ConfigSituation {
  /** `MXID CAM_A`, for messages. */
  readonly where: string;
  readonly sensor: ModeSensor;
  /** What it does now. */
  readonly present: SensorMode;
  /** What is asked of it by the configuration file. */
  readonly configured: CaptureRequest;
  readonly set: SetConfig;
}

/** A field that asks for a size other than the present one. */
interface SizeWish {
  readonly field: string;
  readonly seen: unknown;
  readonly size: Size;
  /** Present when the field names a resolution, which sizes of the same height share. */
  readonly name?: string;
}

/**
 * What is set of a sensor once a client's wish is granted. Clients send back what they have read with one field
 * changed: a field that says what is there already asks for nothing.
 * @throws AppError SENSOR_CONFIG_INVALID when fields contradict each other, SENSOR_MODE_UNAVAILABLE
 */
export function changedConfig(situation: ConfigSituation, request: ConfigRequest): SetConfig {
  const { sensor, present, set } = situation;
  const mode = wantedMode(situation, request) ?? present;
  const shown = shownConfig(sensor.isColour, present, set);
  const isFullSize = request.stillSize !== undefined && isSameSize(request.stillSize, mode.size);
  return defined({
    videoSize: mode === present ? set.videoSize : mode.size,
    fps: mode === present ? set.fps : mode.frameRate,
    stillSize: isFullSize ? undefined : changed(request.stillSize, shown.still_size, set.stillSize),
    previewSize: changed(request.previewSize, shown.preview_size, set.previewSize),
    sensorCrop: changed(request.sensorCrop, shown.sensor_crop, set.sensorCrop),
    resizeMode: request.resizeMode ?? set.resizeMode,
  });
}

/** What is set from now on: what is asked for, unless that is shown already. */
function changed(wish: Size | undefined, shown: Size | undefined, set: Size | undefined): Size | undefined {
  const isChange = wish !== undefined && (shown === undefined || !isSameSize(wish, shown));
  return isChange ? wish : set;
}

/** The mode that fits the request; undefined when the present one does. */
function wantedMode(situation: ConfigSituation, request: ConfigRequest): SensorMode | undefined {
  const { where, sensor, present, configured } = situation;
  const wishedSize = wantedSize(situation, request);
  const size = wishedSize ?? present.size;
  const wishedRate =
    request.fps === undefined || isSameRate(request.fps, present.frameRate) ? undefined : request.fps;
  if (wishedSize === undefined && wishedRate === undefined) return undefined;
  const rates = ratesOf(sensor, configured, size);
  if (rates === undefined || (wishedRate !== undefined && !isRateWithin(wishedRate, rates))) {
    const asked = `${size.join('×')}${wishedRate === undefined ? '' : ` at ${wishedRate} pictures per second`}`;
    throw sensorModeUnavailable(where, asked, modesText(sensor, configured));
  }
  const [width, height] = size;
  const keptRate = Math.min(Math.max(present.frameRate, rates.min), rates.max);
  const mode = nearestMode(sensor, { ...configured, width, height, frameRate: wishedRate ?? keptRate });
  const isPresent = isSameSize(mode.size, present.size) && isSameRate(mode.frameRate, present.frameRate);
  return isPresent ? undefined : mode;
}

/** The size that the fields agree on; undefined when none asks for another than the present. */
function wantedSize(situation: ConfigSituation, request: ConfigRequest): Size | undefined {
  const wishes = sizeWishes(situation, request);
  // A name may stand for several sizes, so whoever tells the size itself is asked first.
  const first = wishes.find(({ name }) => name === undefined) ?? wishes[0];
  if (first === undefined) return undefined;
  const { isColour } = situation.sensor;
  const other = wishes.find(
    ({ name, size }) =>
      !isSameSize(size, first.size) && (name === undefined || name !== resolutionOf(first.size, isColour)),
  );
  if (other === undefined) return first.size;
  const { field, seen } = other;
  throw sensorConfigInvalid(
    field,
    seen,
    `what ${first.field} says (${first.size.join('×')}), or be left out`,
  );
}

function sizeWishes(situation: ConfigSituation, request: ConfigRequest): SizeWish[] {
  const { present } = situation;
  const { resolution, videoSize, width, height } = request;
  const wishes: SizeWish[] = [];
  const wish = (field: string, size: Size): void => {
    if (!isSameSize(size, present.size)) wishes.push({ field, seen: size, size });
  };
  if (videoSize !== undefined) wish('video_size', videoSize);
  if (width !== undefined || height !== undefined) {
    const [presentWidth, presentHeight] = present.size;
    wish('width and height', [width ?? presentWidth, height ?? presentHeight]);
  }
  if (typeof resolution === 'string') {
    const { isColour } = situation.sensor;
    if (resolution !== resolutionOf(present.size, isColour)) {
      const size = sizeNamed(situation, resolution);
      if (!isSameSize(size, present.size))
        wishes.push({ field: 'resolution', seen: resolution, size, name: resolution });
    }
  } else if (resolution !== undefined) wish('resolution', resolution);
  return wishes;
}

/** The sensor's size for one of Robopipe's names: the very size, else the widest of that height. */
function sizeNamed({ where, sensor, configured }: ConfigSituation, name: string): Size {
  const exact = sizeOfResolution(name);
  if (exact !== undefined && hasSize(sensor, configured, exact)) return exact;
  const ofHeight = availableModes(sensor, configured).filter(({ height }) => height === exact?.[1]);
  const widest = ofHeight.sort((a, b) => b.width - a.width)[0];
  if (widest === undefined) throw sensorModeUnavailable(where, name, modesText(sensor, configured));
  return [widest.width, widest.height];
}
