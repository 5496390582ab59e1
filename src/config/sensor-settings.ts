import type { CaptureRequest } from '../media/source.ts';
import type { EncoderSettings } from '../streams/encoders/encoder.ts';
import type { Config } from './schema.ts';

/** What the configuration says about one sensor: the defaults of all sensors with its own keys laid over them. */
export interface SensorSettings {
  readonly label: string | undefined;
  readonly capture: CaptureRequest;
  readonly encoder: EncoderSettings;
}

export function sensorSettings(config: Config, mxid: string, sensor: string): SensorSettings {
  const own = config.cameras.sensors[`${mxid}/${sensor}`];
  return {
    label: own?.label,
    capture: { ...config.streams.capture, ...own?.capture },
    encoder: { ...config.streams.encoder, ...own?.encoder },
  };
}
