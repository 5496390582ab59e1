import { AppError, type ErrorKind } from '../../../core/app-error.ts';
import { PollingThread, type StopCommand } from '../../../core/polling-thread.ts';
import type { AccessUnitSource, CaptureRequest, SourceListener, SourceStats } from '../../../media/source.ts';
import { sourceFailed } from '../errors.ts';
import { H264Units } from './h264-units.ts';

/** What the thread is started with. */
export interface UnitThreadData {
  readonly node: string;
  /** With pixel format H264. */
  readonly request: CaptureRequest;
  /** Longest silence, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** An Int32Array: at `HANDLED`, how many units the owner is done with. */
  readonly handled: SharedArrayBuffer;
}

export const HANDLED = 0;

/** Two seconds at 30 per second: an owner that is further behind gets no more until it has caught up. */
export const MAX_UNITS_UNDERWAY = 60;

/** From the thread to the owner. */
export type UnitEvent =
  | { readonly type: 'opened' }
  | {
      readonly type: 'unit';
      readonly data: Uint8Array;
      readonly capturedUs: number;
      readonly hasGap: boolean;
      /** Pictures lost since opening. */
      readonly lost: number;
    }
  | { readonly type: 'lost'; readonly code: string; readonly kind: ErrorKind; readonly message: string };

/**
 * Opens a node that delivers H.264 and hands its access units to the listener.
 * @throws AppError as `openV4l2Producer`; the signal's reason when aborted.
 */
export async function openAccessUnits(
  spec: Omit<UnitThreadData, 'handled'>,
  listener: SourceListener,
  signal: AbortSignal,
): Promise<AccessUnitSource> {
  signal.throwIfAborted();
  const source = new V4l2AccessUnitSource(spec, listener);
  const abort = () => source.abort(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    await source.opened;
    return source;
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

class V4l2AccessUnitSource implements AccessUnitSource {
  readonly kind = 'access-units';
  readonly opened: Promise<void>;
  readonly #listener: SourceListener;
  readonly #units: H264Units;
  readonly #handled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #thread: PollingThread<UnitThreadData, StopCommand, UnitEvent>;
  #resolveOpened = () => {};
  #rejectOpened: (reason: unknown) => void = () => {};
  #isOpen = false;
  #hasEnded = false;
  #captured = 0;
  #lost = 0;

  constructor(spec: Omit<UnitThreadData, 'handled'>, listener: SourceListener) {
    const { node } = spec;
    this.#listener = listener;
    this.#units = new H264Units(listener);
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    this.#thread = new PollingThread(new URL('./unit-thread.js', import.meta.url), {
      name: `capture ${node}`,
      data: { ...spec, handled: this.#handled.buffer },
      onEvent: (event: UnitEvent) => this.#hear(event),
      onEnd: (cause) => this.#end(sourceFailed(node, cause?.message ?? 'its capture thread has ended')),
    });
  }

  /** Gives up the opening. */
  abort(reason: unknown): void {
    this.#hasEnded = true;
    this.#rejectOpened(reason);
  }

  stats(): SourceStats {
    return { captured: this.#captured, lost: this.#lost + this.#units.dropped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    await this.#thread[Symbol.asyncDispose]();
  }

  #hear(event: UnitEvent): void {
    switch (event.type) {
      case 'opened':
        this.#isOpen = true;
        this.#resolveOpened();
        break;
      case 'unit':
        Atomics.add(this.#handled, HANDLED, 1);
        this.#captured += 1;
        this.#lost = event.lost;
        this.#units.push(event);
        break;
      case 'lost':
        this.#end(new AppError(event.code, event.kind, event.message));
        break;
      default:
        event satisfies never;
    }
  }

  #end(error: AppError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#isOpen) this.#listener.onLost(error);
    else this.#rejectOpened(error);
  }
}
