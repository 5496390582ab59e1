import { ERRNO } from '../../../core/libc.ts';
import { sourceFailed } from '../errors.ts';
import type { V4l2Device } from './device.ts';
import { STRUCTS, VALUES } from './layout.ts';

const { v4l2_event_subscription, v4l2_event, v4l2_dv_timings } = STRUCTS;

/** A driver's queue of events is short; reading ends here even if it never empties. */
const MAX_EVENTS = 32;

/** Changes of what is plugged into the input of a capture device: another resolution over HDMI. */
export class SourceEvents {
  readonly #device: V4l2Device;
  readonly #isSubscribed: boolean;
  readonly #event = Buffer.alloc(v4l2_event.sizeof);

  constructor(device: V4l2Device) {
    this.#device = device;
    const bytes = Buffer.alloc(v4l2_event_subscription.sizeof);
    bytes.writeUInt32LE(VALUES.V4L2_EVENT_SOURCE_CHANGE, v4l2_event_subscription.type);
    // Cameras proper have no such event.
    this.#isSubscribed = device.attempt('VIDIOC_SUBSCRIBE_EVENT', bytes) === 0;
  }

  /** Whether the source has changed since the last call. */
  hasChanged(): boolean {
    if (!this.#isSubscribed) return false;
    let hasChanged = false;
    // Any failure means "no event": capture itself reports a device that is gone.
    for (let n = 0; n < MAX_EVENTS && this.#device.attempt('VIDIOC_DQEVENT', this.#event) === 0; n++) {
      hasChanged ||= this.#event.readUInt32LE(v4l2_event.type) === VALUES.V4L2_EVENT_SOURCE_CHANGE;
    }
    return hasChanged;
  }
}

// asm-generic/errno.h: no cable or no power; a signal that is not stable. ERANGE: one beyond the hardware.
const ENOLINK = 67;
const ENOLCK = 77;

/**
 * Sets a digital video input (HDMI, SDI) to the timings of the signal that it sees; does nothing on other inputs.
 * @throws AppError SOURCE_FAILED when there is no usable signal.
 */
export function adoptInputTimings(device: V4l2Device): void {
  const timings = Buffer.alloc(v4l2_dv_timings.sizeof);
  const errno = device.attempt('VIDIOC_QUERY_DV_TIMINGS', timings);
  if (errno === ENOLINK || errno === ENOLCK || errno === ERRNO.ERANGE) {
    throw sourceFailed(device.node, `its video input has no usable signal (errno ${errno})`);
  }
  if (errno === 0) device.call('VIDIOC_S_DV_TIMINGS', timings);
}
