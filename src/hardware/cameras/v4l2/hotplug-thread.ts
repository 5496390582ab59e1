import { systemClock } from '../../../core/clock.ts';
import { POLLIN, poll } from '../../../core/libc.ts';
import { pollingThread } from '../../../core/polling-thread.ts';
import { type DeviceEvents, openNodeEvents, openUevents } from './device-events.ts';
import type { HotplugCommand, HotplugEvent } from './hotplug.ts';
import { inspectNode } from './inspect.ts';
import { CameraScanner, type Roots } from './scanner.ts';

/*
 * Entry of the thread that knows which cameras are there. Looking into devices, which may block for seconds,
 * happens here and nowhere else.
 */

/** A camera makes several nodes, each with several events: one look at the end serves them all. */
const SETTLE_US = 100_000;

const owner = pollingThread<Roots, HotplugCommand, HotplugEvent>();
const sources = openSources();
try {
  watch();
} finally {
  for (const source of sources) source[Symbol.dispose]();
}

/** Both sources where both are allowed; either finds cameras alone. */
function openSources(): DeviceEvents[] {
  return [openUevents, () => openNodeEvents(owner.data)].flatMap((open) => {
    try {
      return [open()];
    } catch (error) {
      owner.post({ type: 'deaf', reason: error instanceof Error ? error.message : String(error) });
      return [];
    }
  });
}

/** Returns when the owner says stop. */
function watch(): void {
  const scanner = new CameraScanner(owner.data, inspectNode);
  const entries = [owner.wakeFd, ...sources.map(({ fd }) => fd)].map((fd) => ({ fd, events: POLLIN }));
  let dueUs: number | undefined;
  for (;;) {
    const [woken = 0, ...ready] = poll(entries, timeoutUntil(dueUs));
    for (const [index, source] of sources.entries()) {
      if (ready[index] !== 0 && source.drain()) dueUs ??= systemClock.monotonicUs() + SETTLE_US;
    }
    const answers: number[] = [];
    for (const command of woken === 0 ? [] : owner.receive()) {
      if (command.type === 'stop') return;
      answers.push(command.id);
    }
    if (answers.length === 0 && timeoutUntil(dueUs) !== 0) continue;
    owner.post({ type: 'scanned', result: scanner.scan(answers.length > 0), answers });
    dueUs = undefined;
  }
}

/** For poll: milliseconds until then, −1 for ever. */
function timeoutUntil(dueUs: number | undefined): number {
  if (dueUs === undefined) return -1;
  return Math.max(0, Math.ceil((dueUs - systemClock.monotonicUs()) / 1000));
}
