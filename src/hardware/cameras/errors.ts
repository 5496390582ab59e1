import { AppError } from '../../core/app-error.ts';
import type { SensorControl } from './camera.ts';

/*
 * Every error of cameras and their sources. `where` names what was seen as a person would look it up:
 * a device node (`/dev/video0`), a sensor (`1844 CAM_A`), an address.
 */

/** CAMERA_NOT_FOUND: no camera of this mxid is attached. */
export function cameraNotFound(mxid: string, present: readonly string[] = []): AppError {
  const has = present.length > 0 ? ` There is ${present.join(', ')}.` : '';
  return new AppError('CAMERA_NOT_FOUND', 'not-found', `No camera ${mxid} is attached.${has}`);
}

/** SENSOR_NOT_FOUND: the camera is there, but has no sensor of this name. */
export function sensorNotFound(mxid: string, sensor: string, present: readonly string[]): AppError {
  const has = present.length > 0 ? present.join(', ') : 'none';
  const isDepth = (name: string) => name.startsWith('DEPTH_');
  const depth = isDepth(sensor) && !present.some(isDepth) ? ' It measures no depth.' : '';
  return new AppError(
    'SENSOR_NOT_FOUND',
    'not-found',
    `Camera ${mxid} has no sensor ${sensor}; its sensors: ${has}.${depth}`,
  );
}

/** CAMERA_BUSY: another program holds the device. `holder` is what is known of it: `ffmpeg (pid 123)`. */
export function cameraBusy(where: string, holder?: string, cause?: unknown): AppError {
  const by = holder === undefined ? 'in use by another program' : `held by ${holder}`;
  return new AppError('CAMERA_BUSY', 'conflict', `${where} is ${by}; close that program first.`, { cause });
}

/** CAMERA_DENIED: the service may not open the device. */
export function cameraDenied(where: string, cause?: unknown): AppError {
  return new AppError(
    'CAMERA_DENIED',
    'unavailable',
    `${where} may not be opened by this user; expected read and write permission: add the service's user to the group video.`,
    { cause },
  );
}

/** SOURCE_GONE: the device was unplugged, its driver unbound, or the connection closed by the other side. */
export function sourceGone(where: string, cause?: unknown): AppError {
  return new AppError('SOURCE_GONE', 'unavailable', `${where} is gone: unplugged or its driver removed.`, {
    cause,
  });
}

/** SOURCE_FAILED: the source is there but does not work. `what` says what was seen. */
export function sourceFailed(where: string, what: string, cause?: unknown): AppError {
  return new AppError('SOURCE_FAILED', 'unavailable', `${where} failed: ${what}.`, { cause });
}

/** SOURCE_STALLED: the source is open, but has given nothing for too long. */
export function sourceStalled(where: string, silentMs: number): AppError {
  return new AppError(
    'SOURCE_STALLED',
    'timeout',
    `${where} has delivered nothing for ${Math.round(silentMs)} ms.`,
  );
}

/** SOURCE_FORMAT_UNSUPPORTED: the source offers nothing the service can use, or not the pixel format asked for. */
export function sourceFormatUnsupported(where: string, asked: string, offered: string): AppError {
  return new AppError(
    'SOURCE_FORMAT_UNSUPPORTED',
    'invalid',
    `${where} cannot deliver ${asked}; it offers ${offered}.`,
  );
}

/** CONTROL_REJECTED: the driver does not take this value for the control. */
export function controlRejected(where: string, control: SensorControl, value: number | string): AppError {
  const { name, minimum, maximum, step } = control;
  return new AppError(
    'CONTROL_REJECTED',
    'invalid',
    `${where} refused ${name} = ${value}; it states ${minimum} to ${maximum} in steps of ${step}.`,
  );
}

/** CONTROL_LOCKED: the control exists, but cannot be set now: read-only, or held by an automatic mode or a running capture. */
export function controlLocked(where: string, control: SensorControl): AppError {
  return new AppError(
    'CONTROL_LOCKED',
    'conflict',
    `${where} does not let ${control.name} be set now: it is read-only, or an automatic mode or a running capture holds it.`,
  );
}

/** CONTROL_NOT_FOUND: the sensor has no control of this name. */
export function controlNotFound(where: string, name: string, present: readonly string[]): AppError {
  const has = present.length > 0 ? present.join(', ') : 'none';
  return new AppError(
    'CONTROL_NOT_FOUND',
    'not-found',
    `${where} has no control ${name}; its controls: ${has}.`,
  );
}

/** CONTROL_TIMEOUT: the device has not answered; whether a value was set is not known. */
export function controlTimeout(where: string, limitMs: number): AppError {
  return new AppError(
    'CONTROL_TIMEOUT',
    'timeout',
    `${where} has not answered a request for its controls within ${limitMs} ms; what it has set is not known.`,
  );
}

/** CONTROL_OVERLOADED: as many requests for a sensor's controls or configuration wait as may; nothing was done. */
export function controlOverloaded(where: string, waiting: number): AppError {
  return new AppError(
    'CONTROL_OVERLOADED',
    'unavailable',
    `${waiting} requests wait already for ${where}; it was not asked.`,
  );
}

/** The error of setting one control of several, with the names of the control and of those set before it. */
export function whileSetting(error: AppError, name: string, done: readonly string[]): AppError {
  const about = error.message.includes(name) ? error.message : `Setting ${name}: ${error.message}`;
  const before = done.length > 0 ? ` Set before it and kept: ${done.join(', ')}.` : '';
  return new AppError(error.code, error.kind, `${about}${before}`, { cause: error });
}

const MAX_SHOWN_CHARACTERS = 80;

/** CONTROL_VALUE_INVALID: a field of a sensor's settings has the wrong type or is out of range. */
export function controlValueInvalid(field: string, seen: unknown, allowed: string): AppError {
  const shown = JSON.stringify(seen).slice(0, MAX_SHOWN_CHARACTERS);
  return new AppError('CONTROL_VALUE_INVALID', 'invalid', `${field} must be ${allowed}, saw ${shown}.`);
}

/** SENSOR_CONFIG_INVALID: a field of a sensor's configuration has the wrong type or range, or contradicts another. */
export function sensorConfigInvalid(field: string, seen: unknown, allowed: string): AppError {
  const shown = (JSON.stringify(seen) ?? 'nothing').slice(0, MAX_SHOWN_CHARACTERS);
  return new AppError('SENSOR_CONFIG_INVALID', 'invalid', `${field} must be ${allowed}, saw ${shown}.`);
}

/** SENSOR_MODE_UNAVAILABLE: the sensor does not have the size or rate asked for; nothing has changed. */
export function sensorModeUnavailable(where: string, asked: string, possible: string): AppError {
  return new AppError(
    'SENSOR_MODE_UNAVAILABLE',
    'invalid',
    `${where} cannot do ${asked}; possible: ${possible}.`,
  );
}

/** CONTROL_UNSUPPORTED: the sensor has nothing for a field, or not for this value of it. */
export function controlUnsupported(where: string, field: string, seen: unknown, allowed: string): AppError {
  const shown = JSON.stringify(seen).slice(0, MAX_SHOWN_CHARACTERS);
  return new AppError(
    'CONTROL_UNSUPPORTED',
    'invalid',
    `${where} cannot set ${field} to ${shown}; possible: ${allowed}.`,
  );
}
