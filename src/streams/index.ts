export type {
  ConvertPicture,
  EncoderFactory,
  EncoderSettings,
  ImageFormat,
  PictureEncoderFactory,
} from './encoders/encoder.ts';
export type { LiveSensor } from './live-sensor.ts';
export {
  type SensorAccess,
  type SensorSettings,
  StreamRegistry,
  type StreamRegistryOptions,
} from './registry.ts';
export type { Still } from './still.ts';
export type { Stream, StreamSettings } from './stream.ts';
export type { ReaderStats, StreamState, StreamStats } from './stream-stats.ts';
