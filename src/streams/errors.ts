import { AppError } from '../core/app-error.ts';

/** The sensor has as many readers as the configuration allows. */
export const tooManyReaders = (stream: string, maxReaders: number): AppError =>
  new AppError(
    'STREAM_TOO_MANY_READERS',
    'unavailable',
    `${stream} already has ${maxReaders} readers, the most it may have (streams.maxReaders).`,
  );

/** The source is open and gives nothing. */
export const streamStalled = (stream: string, silentMs: number): AppError =>
  new AppError('STREAM_STALLED', 'timeout', `${stream} gave no picture for ${silentMs} ms.`);

/** The reader, or the stream it read, has been closed. */
export const streamClosed = (stream: string): AppError =>
  new AppError('STREAM_CLOSED', 'unavailable', `${stream} was closed.`);

/** No picture came in time for a still. */
export const stillTimeout = (stream: string, waitedMs: number): AppError =>
  new AppError('STILL_TIMEOUT', 'timeout', `${stream} gave no picture within ${waitedMs} ms.`);

/** The sensor's configuration has changed; its source is opened anew. */
export const sensorReconfigured = (sensor: string): AppError =>
  new AppError('SENSOR_RECONFIGURED', 'unavailable', `${sensor} starts anew with its new configuration.`);

/** Whether a source was lost only to be opened anew. */
export const isSensorReconfigured = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'SENSOR_RECONFIGURED';

/** Somebody has deactivated the stream. */
export const streamInactive = (sensor: string): AppError =>
  new AppError(
    'STREAM_INACTIVE',
    'conflict',
    `${sensor} is deactivated; activate it with POST to the stream's address.`,
  );

/** Somebody has closed the camera. */
export const cameraClosed = (mxid: string): AppError =>
  new AppError('CAMERA_CLOSED', 'conflict', `Camera ${mxid} is closed; open it with POST /cameras/${mxid}/.`);
