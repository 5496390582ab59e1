import { AppError } from '../../core/app-error.ts';

/*
 * Every error of the byte formats: what outside bytes can be wrong about.
 */

/** FORMAT_NUT_INVALID: bytes are not the NUT stream they should be. `what` says what was seen. */
export function nutInvalid(what: string): AppError {
  return new AppError('FORMAT_NUT_INVALID', 'invalid', `Invalid NUT stream: ${what}.`);
}

/** FORMAT_H264_INVALID: bytes are not the NAL units or parameter sets they should be. `what` says what was seen. */
export function h264Invalid(what: string): AppError {
  return new AppError('FORMAT_H264_INVALID', 'invalid', `Invalid H.264: ${what}.`);
}

/** FORMAT_ISOBMFF_INVALID: bytes are not the boxes they should be. `what` says what was seen. */
export function isobmffInvalid(what: string): AppError {
  return new AppError('FORMAT_ISOBMFF_INVALID', 'invalid', `Invalid ISO BMFF: ${what}.`);
}

/** FORMAT_ISOBMFF_UNSUPPORTED: a track of this codec was to be put into boxes that cannot carry it. */
export function isobmffUnsupported(codec: string): AppError {
  return new AppError(
    'FORMAT_ISOBMFF_UNSUPPORTED',
    'internal',
    `A track of ${codec} cannot be put into an init segment, h264 is expected.`,
  );
}
