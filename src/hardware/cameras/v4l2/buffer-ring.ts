import { ERRNO, type Mapping, mapShared } from '../../../core/libc.ts';
import { sourceFailed } from '../errors.ts';
import type { V4l2Device } from './device.ts';
import { STRUCTS, VALUES } from './layout.ts';

const { v4l2_requestbuffers, v4l2_buffer } = STRUCTS;

/** A filled buffer, out of the driver's hands until it is queued again. */
export interface FilledBuffer {
  readonly index: number;
  readonly bytesUsed: number;
  /** The driver says that the content is damaged. */
  readonly isDamaged: boolean;
  /** CLOCK_MONOTONIC in microseconds; undefined when the driver stamps with another clock. */
  readonly timestampUs: number | undefined;
  readonly sequence: number;
}

/**
 * The memory a device captures into: mapped buffers that go round between driver and reader. Streaming runs from
 * construction to `stop`.
 */
export class BufferRing {
  readonly #device: V4l2Device;
  readonly #mappings: Mapping[] = [];
  // One structure for all calls: nothing is allocated per picture.
  readonly #buffer = Buffer.alloc(v4l2_buffer.sizeof);
  #isStreaming = false;
  #out = 0;

  /** @throws AppError CAMERA_BUSY when another program streams from the device; what a V4l2Device throws. */
  constructor(device: V4l2Device, count: number) {
    this.#device = device;
    const granted = this.#request(count); // another program's buffers are not ours to stop
    try {
      if (granted === 0) throw sourceFailed(device.node, 'its driver grants no buffers');
      for (let index = 0; index < granted; index++) {
        this.#describe(index);
        device.call('VIDIOC_QUERYBUF', this.#buffer);
        const offset = this.#buffer.readUInt32LE(v4l2_buffer['m.offset']);
        this.#mappings.push(mapShared(device.fd, offset, this.#buffer.readUInt32LE(v4l2_buffer.length)));
        this.#enqueue(index);
      }
      device.call('VIDIOC_STREAMON', captureType());
      this.#isStreaming = true;
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** The whole memory of a buffer. */
  bytes(index: number): Uint8Array {
    const mapping = this.#mappings[index];
    if (mapping === undefined) throw sourceFailed(this.#device.node, `its driver names buffer ${index}`);
    return mapping.bytes;
  }

  /**
   * Takes the next filled buffer.
   * @returns undefined when there is none now; 'end' when the driver gives no more until it is set up anew.
   */
  dequeue(): FilledBuffer | 'end' | undefined {
    this.#describe(0);
    const errno = this.#device.attempt('VIDIOC_DQBUF', this.#buffer);
    if (errno === ERRNO.EAGAIN) return undefined;
    if (errno === ERRNO.EPIPE) return 'end';
    if (errno !== 0) throw this.#device.error('VIDIOC_DQBUF', errno);
    this.#out += 1;
    const buffer = this.#buffer;
    const flags = buffer.readUInt32LE(v4l2_buffer.flags);
    const isMonotonic =
      (flags & VALUES.V4L2_BUF_FLAG_TIMESTAMP_MASK) === VALUES.V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    return {
      index: buffer.readUInt32LE(v4l2_buffer.index),
      bytesUsed: buffer.readUInt32LE(v4l2_buffer.bytesused),
      isDamaged: (flags & VALUES.V4L2_BUF_FLAG_ERROR) !== 0,
      timestampUs: isMonotonic
        ? Number(buffer.readBigInt64LE(v4l2_buffer['timestamp.tv_sec'])) * 1_000_000 +
          Number(buffer.readBigInt64LE(v4l2_buffer['timestamp.tv_usec']))
        : undefined,
      sequence: buffer.readUInt32LE(v4l2_buffer.sequence),
    };
  }

  /** Gives a buffer back to the driver; once the ring has stopped, the last one takes the memory along. */
  queue(index: number): void {
    this.#out -= 1;
    if (this.#isStreaming) this.#enqueue(index);
    else if (this.#out === 0) this.#unmap();
  }

  /**
   * Ends streaming and gives the buffers back, so that the device can be set up anew. The memory stays mapped
   * until buffers that are still out have come back. Does not fail: the device may be gone.
   */
  stop(): void {
    this.#isStreaming = false;
    this.#device.attempt('VIDIOC_STREAMOFF', captureType());
    if (this.#out === 0) this.#unmap();
    this.#device.attempt('VIDIOC_REQBUFS', requestBuffers(0));
  }

  /** {@link stop}, and unmaps at once: nobody may look at a buffer any more. */
  discard(): void {
    this.#out = 0;
    this.stop();
  }

  #request(count: number): number {
    const bytes = requestBuffers(count);
    this.#device.call('VIDIOC_REQBUFS', bytes);
    return bytes.readUInt32LE(v4l2_requestbuffers.count);
  }

  #enqueue(index: number): void {
    this.#describe(index);
    this.#device.call('VIDIOC_QBUF', this.#buffer);
  }

  #describe(index: number): void {
    this.#buffer.fill(0);
    this.#buffer.writeUInt32LE(index, v4l2_buffer.index);
    this.#buffer.writeUInt32LE(VALUES.V4L2_BUF_TYPE_VIDEO_CAPTURE, v4l2_buffer.type);
    this.#buffer.writeUInt32LE(VALUES.V4L2_MEMORY_MMAP, v4l2_buffer.memory);
  }

  #unmap(): void {
    for (const mapping of this.#mappings.splice(0)) mapping.unmap();
  }
}

function requestBuffers(count: number): Buffer {
  const bytes = Buffer.alloc(v4l2_requestbuffers.sizeof);
  bytes.writeUInt32LE(count, v4l2_requestbuffers.count);
  bytes.writeUInt32LE(VALUES.V4L2_BUF_TYPE_VIDEO_CAPTURE, v4l2_requestbuffers.type);
  bytes.writeUInt32LE(VALUES.V4L2_MEMORY_MMAP, v4l2_requestbuffers.memory);
  return bytes;
}

/** The argument of VIDIOC_STREAMON and VIDIOC_STREAMOFF: an int. */
function captureType(): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(VALUES.V4L2_BUF_TYPE_VIDEO_CAPTURE);
  return bytes;
}
