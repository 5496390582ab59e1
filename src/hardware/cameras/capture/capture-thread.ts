import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { AppError } from '../../../core/app-error.ts';
import { ErrnoError } from '../../../core/libc.ts';
import { sourceFailed } from '../errors.ts';
import { CaptureLoop, type OwnerPort } from './capture-loop.ts';
import type { CaptureCommand, CaptureThreadData } from './capture-messages.ts';
import { type CaptureSpec, placeOf } from './capture-spec.ts';
import type { PictureProducer } from './picture-producer.ts';

/*
 * Entry of the capture thread. It opens the producer and then stays inside the loop: its own event loop never
 * turns, and its port is read only when the wake descriptor says so. It ends by returning.
 */

/** Producers load on demand: a thread carries only the one that it runs. */
async function openProducer(spec: CaptureSpec): Promise<PictureProducer> {
  switch (spec.kind) {
    case 'v4l2':
      return (await import('../v4l2/producer.ts')).openV4l2Producer(spec);
    case 'simulated':
      return (await import('../simulated/producer.ts')).openSimulatedProducer(spec);
    default:
      return spec satisfies never;
  }
}

async function capture(port: OwnerPort, data: CaptureThreadData): Promise<void> {
  const { spec, wakeFd, counters, stallTimeoutMs } = data;
  const place = placeOf(spec);
  try {
    const producer = await openProducer(spec);
    try {
      port.post({ type: 'opened', format: producer.format });
      new CaptureLoop({ producer, port, wakeFd, counters, stallTimeoutMs, place }).run();
    } finally {
      producer[Symbol.dispose]();
    }
  } catch (error) {
    // A bare failed call says nothing of the camera; what the producer named itself stays as it is.
    const isNamed = error instanceof AppError && !(error instanceof ErrnoError);
    const { code, kind, message } = isNamed
      ? error
      : sourceFailed(place, error instanceof Error ? error.message : String(error));
    port.post({ type: 'lost', code, kind, message });
  }
}

const threadPort = parentPort;
if (threadPort === null) throw new Error('capture-thread runs as a worker thread only.');
await capture(
  {
    // Both sides of the port are this folder's: what arrives is a command.
    receive: () => receiveMessageOnPort(threadPort)?.message as CaptureCommand | undefined,
    post: (event, transfer = []) => threadPort.postMessage(event, transfer),
  },
  workerData as CaptureThreadData, // set by CaptureWorker
);
