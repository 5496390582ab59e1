import { AppError } from '../../../core/app-error.ts';
import type { ChildProcesses } from '../../../core/child-process.ts';
import { runProgram } from '../../../core/run-program.ts';
import type { Picture } from '../../../media/picture.ts';
import { nutFramePrefix, nutHeader } from '../../formats/nut/index.ts';
import type { ConvertPicture, ImageFormat } from '../encoder.ts';
import { imageConversionFailed } from '../errors.ts';
import { imageArguments } from './arguments.ts';

const TIMEOUT_MS = 15_000;
const MAX_IMAGE_BYTES = 256 << 20;

/**
 * Makes image files with one ffmpeg child each, within five seconds.
 * @param program path of ffmpeg.
 */
export function pictureConverter(program: string, processes: ChildProcesses): ConvertPicture {
  return async (picture: Picture, image: ImageFormat, { signal, scale }) => {
    const { format, data } = picture;
    const isRightSize =
      scale === undefined || (scale.width === format.width && scale.height === format.height);
    if (format.pixelFormat === 'MJPG' && image === 'jpeg' && isRightSize) return data;
    const { output, code, stderrLines } = await runProgram(
      processes,
      program,
      imageArguments(format, image, isRightSize ? undefined : scale),
      {
        input: [nutHeader(format), nutFramePrefix(0, data.length), data],
        timeoutMs: TIMEOUT_MS,
        maxOutputBytes: MAX_IMAGE_BYTES,
        signal,
      },
    ).catch((cause: unknown) => {
      signal.throwIfAborted();
      const seen = cause instanceof AppError ? [cause.message] : [];
      throw imageConversionFailed(format.pixelFormat, image, seen, cause);
    });
    if (code !== 0 || output.length === 0)
      throw imageConversionFailed(format.pixelFormat, image, stderrLines);
    return output;
  };
}
