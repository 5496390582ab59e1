import { AppError } from '../../core/app-error.ts';

/*
 * Every error of encoders, of pictures turned into images, and of the ffmpeg program behind both.
 */

const INSTALL = 'install it (`apt-get install ffmpeg`) or set ffmpeg.path';

/** The last line of a program's standard error says most; the ones before it explain. */
function lastLines(lines: readonly string[]): string {
  return lines.length === 0 ? 'it said nothing' : `it said: ${lines.slice(-3).join(' | ')}`;
}

/** ENCODER_SPAWN_FAILED: the encoder's process could not be started. */
export const encoderSpawnFailed = (codec: string, cause: unknown): AppError =>
  new AppError(
    'ENCODER_SPAWN_FAILED',
    'unavailable',
    `The encoder ${codec} could not be started: ${cause instanceof Error ? cause.message : cause}`,
    { cause },
  );

/** ENCODER_UNAVAILABLE: there is no such encoder, or none that works. `has` lists those there are. */
export const encoderUnavailable = (asked: string, has: readonly string[]): AppError =>
  new AppError(
    'ENCODER_UNAVAILABLE',
    'unavailable',
    `No encoder for ${asked}; ffmpeg offers ${has.length > 0 ? has.join(', ') : 'none for H.264'}.`,
  );

/** ENCODER_EXITED: the encoder's process ended without being asked to, or wrote what could not be read. */
export const encoderExited = (
  codec: string,
  how: string,
  stderrLines: readonly string[],
  cause?: unknown,
): AppError =>
  new AppError(
    'ENCODER_EXITED',
    'unavailable',
    `The encoder ${codec} ended (${how}); ${lastLines(stderrLines)}.`,
    { cause },
  );

/** IMAGE_CONVERSION_FAILED: a picture could not be turned into an image file. */
export const imageConversionFailed = (
  from: string,
  to: string,
  stderrLines: readonly string[],
  cause?: unknown,
): AppError =>
  new AppError(
    'IMAGE_CONVERSION_FAILED',
    'unavailable',
    `A ${from} picture could not be made into ${to}; ${lastLines(stderrLines)}.`,
    { cause },
  );

/** FFMPEG_NOT_FOUND: there is no ffmpeg program, or it does not run. */
export const ffmpegNotFound = (path: string, cause: unknown): AppError =>
  new AppError(
    'FFMPEG_NOT_FOUND',
    'unavailable',
    `No working ffmpeg at ${path}: ${cause instanceof Error ? cause.message : cause} Please ${INSTALL}.`,
    { cause },
  );

/** FFMPEG_TOO_OLD: the ffmpeg program is older than the service needs, or does not say its version. */
export const ffmpegTooOld = (path: string, seen: string, expected: string): AppError =>
  new AppError(
    'FFMPEG_TOO_OLD',
    'unavailable',
    `${path} is version ${seen}, expected ${expected} or later; please ${INSTALL}.`,
  );

/** FFMPEG_NO_H264: the ffmpeg program was built without any H.264 encoder. */
export const ffmpegNoH264 = (path: string): AppError =>
  new AppError(
    'FFMPEG_NO_H264',
    'unavailable',
    `${path} has no H.264 encoder, expected libx264 or one for this machine's hardware; please ${INSTALL}.`,
  );

/** ENCODER_OUTPUT_UNEXPECTED: the encoder's process wrote another codec than it was told to. */
export const encoderOutputUnexpected = (fourcc: string, expected: string): AppError =>
  new AppError('ENCODER_OUTPUT_UNEXPECTED', 'internal', `ffmpeg wrote ${fourcc}, expected ${expected}.`);
