import { systemClock } from '../../../core/clock.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { CaptureRequest } from '../../../media/source.ts';
import type { PictureProducer, ProducedPicture } from '../capture/picture-producer.ts';
import { sourceFormatUnsupported } from '../errors.ts';
import { BufferRing, type FilledBuffer } from './buffer-ring.ts';
import { V4l2Device } from './device.ts';
import { readFormats } from './formats.ts';
import { chooseMode, isUsable } from './mode.ts';
import { isPacked, packRows, type RowLayout, rowLayout } from './packing.ts';
import { adoptInputTimings, SourceEvents } from './source-events.ts';

/** What a capture thread needs to open a V4L2 node. Plain data. */
export interface V4l2ProducerSpec {
  /** `/dev/video0` */
  readonly node: string;
  readonly request: CaptureRequest;
}

/** Two for pictures that are out, two for the driver to fill meanwhile. */
const BUFFERS = 4;

/**
 * Opens a node, sets up the mode nearest to the request and starts capture. Runs inside a capture thread.
 * With pixel format H264 every picture is one access unit in Annex B form, and `take` gives each of them in order.
 * @throws AppError CAMERA_BUSY, CAMERA_DENIED, SOURCE_GONE, SOURCE_FAILED, SOURCE_FORMAT_UNSUPPORTED; nothing
 * stays open then.
 */
export function openV4l2Producer({ node, request }: V4l2ProducerSpec): PictureProducer {
  const device = V4l2Device.open(node);
  try {
    return new V4l2Producer(device, request);
  } catch (error) {
    device[Symbol.dispose]();
    throw error;
  }
}

/** A device that is set up and streaming. */
interface Capture {
  readonly format: PictureFormat;
  readonly ring: BufferRing;
  /** Present for raw pictures. */
  readonly layout: RowLayout | undefined;
}

/** Captures from a device, which it owns. */
class V4l2Producer implements PictureProducer {
  readonly #device: V4l2Device;
  readonly #request: CaptureRequest;
  readonly #events: SourceEvents;
  readonly #out = new Map<ProducedPicture, { ring: BufferRing; index: number }>();
  /** Memory for pictures whose rows the driver pads, one for each buffer. */
  #packed: Uint8Array[] = [];
  #capture: Capture;
  #lastSequence: number | undefined;
  #lost = 0;

  constructor(device: V4l2Device, request: CaptureRequest) {
    this.#device = device;
    this.#request = request;
    this.#events = new SourceEvents(device);
    this.#capture = startCapture(device, request);
  }

  get fd(): number {
    return this.#device.fd;
  }

  get format(): PictureFormat {
    return this.#capture.format;
  }

  get lost(): number {
    return this.#lost;
  }

  take(): ProducedPicture | 'format-changed' | undefined {
    if (this.#events.hasChanged()) return this.#restart();
    const { ring } = this.#capture;
    // Coded pictures depend on each other: every one is taken, in order.
    const isCoded = this.#capture.format.pixelFormat === 'H264';
    let newest: FilledBuffer | undefined;
    for (let n = 0; n < BUFFERS; n++) {
      const filled = ring.dequeue();
      if (filled === 'end') return this.#restart();
      if (filled === undefined) break;
      this.#countGap(filled.sequence);
      if (!this.#isWhole(filled)) {
        this.#lost += 1;
        ring.queue(filled.index);
        continue;
      }
      if (newest !== undefined) ring.queue(newest.index);
      newest = filled;
      if (isCoded) break;
    }
    return newest && this.#produce(newest);
  }

  release(picture: ProducedPicture): void {
    const place = this.#out.get(picture);
    if (place === undefined) return;
    this.#out.delete(picture);
    place.ring.queue(place.index);
  }

  [Symbol.dispose](): void {
    // Rings that a change of format has stopped may still be mapped for a picture that is out.
    const rings = new Set([this.#capture.ring, ...[...this.#out.values()].map(({ ring }) => ring)]);
    this.#out.clear();
    for (const ring of rings) ring.discard();
    this.#device[Symbol.dispose]();
  }

  #produce({ index, bytesUsed, timestampUs, sequence }: FilledBuffer): ProducedPicture {
    const { ring } = this.#capture;
    const nowUs = systemClock.monotonicUs();
    const picture: ProducedPicture = {
      data: this.#pixels(index, ring.bytes(index).subarray(0, bytesUsed)),
      sequence,
      // Some drivers stamp a picture up to a frame ahead of the moment it is handed over.
      capturedUs: Math.min(timestampUs ?? nowUs, nowUs),
    };
    this.#out.set(picture, { ring, index });
    return picture;
  }

  #pixels(index: number, bytes: Uint8Array): Uint8Array {
    const { layout } = this.#capture;
    if (layout === undefined) return bytes;
    if (isPacked(layout)) return bytes.subarray(0, layout.packedBytes);
    const packed = this.#packed[index] ?? new Uint8Array(layout.packedBytes);
    this.#packed[index] = packed;
    packRows(layout, bytes, packed);
    return packed;
  }

  #isWhole({ index, bytesUsed, isDamaged }: FilledBuffer): boolean {
    if (isDamaged) return false;
    const { format, layout, ring } = this.#capture;
    if (layout !== undefined) return bytesUsed >= layout.neededBytes;
    if (format.pixelFormat !== 'MJPG') return bytesUsed > 0;
    const bytes = ring.bytes(index);
    return bytesUsed > 2 && bytes[0] === 0xff && bytes[1] === 0xd8; // SOI, ITU-T T.81 table B.1
  }

  /** Sequence numbers are 32-bit and wrap; a step backwards is a restart of the driver's counter, not a gap. */
  #countGap(sequence: number): void {
    if (this.#lastSequence !== undefined) {
      const skipped = (sequence - this.#lastSequence - 1) >>> 0;
      if (skipped < 0x8000_0000) this.#lost += skipped;
    }
    this.#lastSequence = sequence;
  }

  #restart(): 'format-changed' {
    this.#capture.ring.stop();
    this.#lastSequence = undefined;
    this.#packed = [];
    this.#capture = startCapture(this.#device, this.#request);
    return 'format-changed';
  }
}

function startCapture(device: V4l2Device, request: CaptureRequest): Capture {
  adoptInputTimings(device);
  const formats = readFormats(device, isUsable);
  const mode = chooseMode(formats, request, device.format());
  if (mode === undefined) {
    const all = formats.map(({ pixelFormat }) => pixelFormat);
    const usable = all.filter(isUsable);
    const offered = (usable.length > 0 ? usable : all).join(', ') || 'no pixel format';
    const asked = request.pixelFormat ?? 'a pixel format that the service knows';
    throw sourceFormatUnsupported(device.node, asked, offered);
  }
  const pix = device.setFormat(mode.fourcc, mode.width, mode.height);
  if (pix.pixelFormat !== mode.fourcc) {
    throw sourceFormatUnsupported(device.node, mode.fourcc, `${pix.pixelFormat} when set up for it`);
  }
  const frameInterval = device.setFrameInterval(mode.frameInterval) ?? mode.frameInterval;
  const format: PictureFormat = {
    pixelFormat: mode.pixelFormat,
    width: pix.width,
    height: pix.height,
    frameInterval,
  };
  return { format, layout: rowLayout(format, pix.bytesPerLine), ring: new BufferRing(device, BUFFERS) };
}
