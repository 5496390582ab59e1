import type { AppError } from '../../../../core/app-error.ts';
import { ERRNO, ErrnoError } from '../../../../core/libc.ts';
import { ioBusy, ioDenied, ioFailed, ioGone, ioNotPresent, ioUnsupported } from '../../errors.ts';

const ADVICE =
  'add the user to the group that owns the device node (gpio on most systems), or give it one by an udev rule';

/** Why a device node of a chip cannot be opened. */
export function openFailure(path: string, error: unknown): AppError {
  const { code, message } = error as NodeJS.ErrnoException; // what Node's file calls throw
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return ioDenied(path, ADVICE, error);
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return ioNotPresent(path, 'no such GPIO chip', error);
    default:
      return ioFailed(path, message, error);
  }
}

/**
 * Why an ioctl has failed.
 * @param asked what the hardware or kernel may be unable to do: `report edges`.
 */
export function ioctlFailure(where: string, call: string, errno: number, asked: string): AppError {
  const cause = new ErrnoError(call, errno);
  switch (errno) {
    case ERRNO.ENODEV:
      return ioGone(where, cause);
    case ERRNO.EBUSY:
      return ioBusy(where, undefined, cause);
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return ioDenied(where, ADVICE, cause);
    case ERRNO.EINVAL:
    case ERRNO.ENXIO:
    case ERRNO.ENOTTY:
    case ERRNO.EOPNOTSUPP:
    case ERRNO.ENOTSUPP:
      return ioUnsupported(where, asked, cause);
    default:
      return ioFailed(where, cause.message, cause);
  }
}
