import { systemClock } from '../../../core/clock.ts';
import { closeFd, openTimerFd, readSome, setTimerFd } from '../../../core/libc.ts';
import { type PictureFormat, pictureSizeBytes } from '../../../media/picture.ts';
import type { PictureProducer, ProducedPicture } from '../capture/picture-producer.ts';
import { sourceFailed, sourceGone } from '../errors.ts';
import { FaultLine } from './fault-line.ts';
import { PictureRenderer } from './picture-renderer.ts';
import { nearestSize } from './sensor-format.ts';
import type { SimulatedSpec } from './simulated-spec.ts';

/** Opens a simulated sensor: the same kind of thing as a V4L2 device, with a timer in place of the hardware. */
export function openSimulatedProducer(spec: SimulatedSpec): PictureProducer {
  return new SimulatedProducer(spec);
}

/**
 * Takes pictures at whole multiples of the frame interval on CLOCK_MONOTONIC, so that it never drifts and all
 * sensors of one rate are in step. A multiple that passed while nobody took the picture is a lost one.
 */
class SimulatedProducer implements PictureProducer {
  readonly fd: number;
  readonly #spec: SimulatedSpec;
  readonly #faults: FaultLine;
  readonly #brightness: Int32Array;
  readonly #expirations = Buffer.alloc(8);
  #format: PictureFormat;
  #renderer: PictureRenderer;
  /** Memory for pictures that is not out. */
  #free: Uint8Array[];
  #nextTick: number;
  #sequence = -1;
  #lost = 0;
  #isDisposed = false;

  constructor(spec: SimulatedSpec) {
    this.#spec = spec;
    this.#faults = new FaultLine(spec.faults);
    this.#brightness = new Int32Array(spec.brightness ?? new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.#format = spec.format;
    this.#renderer = this.#newRenderer();
    this.#free = this.#newMemory();
    this.fd = openTimerFd();
    this.#nextTick = this.#lastTick() + 1;
    this.#arm();
  }

  get format(): PictureFormat {
    return this.#format;
  }

  get lost(): number {
    return this.#lost;
  }

  take(): ProducedPicture | 'format-changed' | undefined {
    if (readSome(this.fd, this.#expirations) === undefined) return undefined;
    // Never before the tick that the timer was set to: rounding may put its time a microsecond early.
    const tick = Math.max(this.#nextTick, this.#lastTick());
    const missed = tick - this.#nextTick;
    this.#nextTick = tick + 1;
    this.#arm();
    if (this.#faults.isGone) throw sourceGone(this.#spec.label);
    if (this.#faults.isStalled) return undefined;
    if (this.#hasResized()) return 'format-changed';
    this.#lost += missed;
    this.#sequence += missed + 1;
    const data = this.#free.pop();
    if (data === undefined)
      throw sourceFailed(this.#spec.label, 'more than two pictures were taken at a time');
    const capturedUs = this.#timeOf(tick);
    this.#renderer.brighten(Atomics.load(this.#brightness, 0));
    this.#renderer.render(data, systemClock.wallUsAt(capturedUs), this.#sequence);
    return { data, sequence: this.#sequence, capturedUs };
  }

  release({ data }: ProducedPicture): void {
    // Memory of an earlier frame size is of no use.
    if (data.byteLength === pictureSizeBytes(this.#format)) this.#free.push(data);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    closeFd(this.fd);
  }

  /** Takes over a frame size that was asked for meanwhile; tells whether that changed anything. */
  #hasResized(): boolean {
    const asked = this.#faults.size;
    if (asked === undefined) return false;
    const { width, height } = nearestSize(asked.width, asked.height);
    if (width === this.#format.width && height === this.#format.height) return false;
    this.#format = { ...this.#format, width, height };
    this.#renderer = this.#newRenderer();
    this.#free = this.#newMemory();
    return true;
  }

  #newRenderer(): PictureRenderer {
    return new PictureRenderer(this.#format, this.#spec.label, this.#spec.seed);
  }

  #newMemory(): Uint8Array[] {
    const sizeBytes = pictureSizeBytes(this.#format) ?? 0; // simulated formats are raw
    return [new Uint8Array(sizeBytes), new Uint8Array(sizeBytes)];
  }

  #timeOf(tick: number): number {
    const { numerator, denominator } = this.#format.frameInterval;
    return Math.round((tick * numerator * 1e6) / denominator);
  }

  /** The number of whole frame intervals that CLOCK_MONOTONIC has seen. */
  #lastTick(): number {
    const { numerator, denominator } = this.#format.frameInterval;
    return Math.floor((systemClock.monotonicUs() * denominator) / (numerator * 1e6));
  }

  /** One expiry at a time: the interval of a timer descriptor is whole microseconds, and 1/30 s is not. */
  #arm(): void {
    setTimerFd(this.fd, this.#timeOf(this.#nextTick), 0);
  }
}
