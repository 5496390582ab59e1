import { AppError } from '../../../core/app-error.ts';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLPRI, poll } from '../../../core/libc.ts';
import { pollingThread, type StopCommand } from '../../../core/polling-thread.ts';
import { sourceFailed, sourceStalled } from '../errors.ts';
import { openV4l2Producer } from './producer.ts';
import { HANDLED, MAX_UNITS_UNDERWAY, type UnitEvent, type UnitThreadData } from './unit-source.ts';

/* Entry of the thread that reads coded pictures from a camera: every one of them, in order. */

const owner = pollingThread<UnitThreadData, StopCommand, UnitEvent>();
try {
  capture();
} catch (error) {
  const { node } = owner.data;
  const { code, kind, message } =
    error instanceof AppError
      ? error
      : sourceFailed(node, error instanceof Error ? error.message : String(error));
  owner.post({ type: 'lost', code, kind, message });
}

/** Returns when the owner says stop. */
function capture(): void {
  const { node, request, stallTimeoutMs, handled } = owner.data;
  const handledCount = new Int32Array(handled);
  const producer = openV4l2Producer({ node, request });
  try {
    owner.post({ type: 'opened' });
    const entries = [
      { fd: owner.wakeFd, events: POLLIN },
      { fd: producer.fd, events: POLLIN | POLLPRI },
    ];
    let posted = 0;
    let skipped = 0;
    let lostBefore = 0;
    for (;;) {
      const [woken = 0, ready = 0] = poll(entries, stallTimeoutMs);
      if (woken !== 0 && owner.receive().length > 0) return;
      if (ready === 0 && woken === 0) throw sourceStalled(node, stallTimeoutMs);
      const picture = ready === 0 ? undefined : producer.take();
      if (picture === undefined && (ready & (POLLERR | POLLHUP | POLLNVAL)) !== 0) {
        throw sourceFailed(node, 'its descriptor reports an error and no picture');
      }
      if (picture === undefined || picture === 'format-changed') continue;
      if (posted - Atomics.load(handledCount, HANDLED) < MAX_UNITS_UNDERWAY) {
        const lost = producer.lost + skipped;
        const data = picture.data.slice();
        const { capturedUs } = picture;
        owner.post({ type: 'unit', data, capturedUs, hasGap: lost > lostBefore, lost }, [data.buffer]);
        lostBefore = lost;
        posted += 1;
      } else {
        skipped += 1;
      }
      producer.release(picture);
    }
  } finally {
    producer[Symbol.dispose]();
  }
}
