import { EventEmitter } from 'node:events';
import { CAMERA_CONTROLS } from './controls.ts';
import { CAMERA_TERMINAL, describeCamera, le } from './descriptors.ts';
import { PictureSender } from './picture-sender.ts';
import type { TestPictures } from './test-pictures.ts';
import { type Transfer, UsbCable, type UsbDevice } from './usb-ip.ts';
import { FRAME_INTERVALS, maxPictureBytes, type VideoFormat, WEBCAM_FORMATS } from './video-format.ts';

// Requests, USB 2.0 table 9-4 and UVC 1.1 table A-8.
const [GET_STATUS, CLEAR_FEATURE, GET_DESCRIPTOR, GET_CONFIGURATION, GET_INTERFACE] = [0, 1, 6, 8, 10];
const [GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF] = [
  0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
];
// bmRequestType: to the host or to the device; standard or class; device, interface or endpoint.
const STANDARD_IN = 0x80;
const STANDARD_INTERFACE_IN = 0x81;
const CLASS_INTERFACE_OUT = 0x21;
const TYPE_MASK = 0x60;

const STREAMING_INTERFACE = 1;
const VS_COMMIT_CONTROL = 2;
const GET_AND_SET = 3;
/** Bytes of the probe and commit controls, UVC 1.1 table 4-75. */
const PROBE_BYTES = 34;

export interface UsbCameraOptions {
  /** The USB port it is plugged into, 0 to 7. */
  readonly port: number;
  readonly serial: string;
  readonly pictures: TestPictures;
  /** A webcam's when absent. */
  readonly formats?: readonly VideoFormat[];
}

interface CameraEvents {
  /** The driver has set a control. */
  control: [name: string, value: number];
  /** The driver has chosen a mode and wants pictures. */
  start: [];
  /** It has no pictures to show; unheard, this ends the program. */
  error: [error: unknown];
}

/** Numbers as the descriptors count: from 1. The interval is in units of 100 ns. */
interface Mode {
  readonly format: number;
  readonly frame: number;
  readonly interval: number;
}

/**
 * A USB webcam (UVC 1.1, bulk) without hardware: it speaks USB/IP to the kernel's vhci_hcd, so that the kernel's own
 * uvcvideo finds, drives and loses it. Plugged in from `plug` until it is disposed.
 */
export class UsbCamera extends EventEmitter<CameraEvents> implements UsbDevice, AsyncDisposable {
  readonly #options: UsbCameraOptions;
  readonly #formats: readonly VideoFormat[];
  readonly #descriptor: (type: number, index: number) => Buffer | undefined;
  readonly #values = new Map(CAMERA_CONTROLS.map(({ name, initial }) => [name, initial]));
  readonly #sender = new PictureSender((seqnum, bytes) => this.#cable?.succeed(seqnum, bytes));
  #cable: UsbCable | undefined;
  #isRefusing = false;
  #probed: Mode = { format: 1, frame: 1, interval: FRAME_INTERVALS[0] ?? 0 };
  #running: Mode | undefined;
  #unplugging: Promise<void> | undefined;

  private constructor(options: UsbCameraOptions) {
    super();
    this.#options = options;
    this.#formats = options.formats ?? WEBCAM_FORMATS;
    this.#descriptor = describeCamera('Lab USB Camera', options.serial, this.#formats);
  }

  static async plug(options: UsbCameraOptions): Promise<UsbCamera> {
    const camera = new UsbCamera(options);
    camera.#cable = await UsbCable.plug(options.port, camera);
    return camera;
  }

  get serial(): string {
    return this.#options.serial;
  }

  /** Stops or resumes the pictures; the camera stays plugged in and answers everything else. */
  hang(isHung: boolean): void {
    this.#sender.hang(isHung);
  }

  /** Refuses or accepts requests for controls, as cameras with faulty firmware do. */
  refuseControls(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  /** Unplugs it. Resolves when the port is free. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#unplugging ??= this.#unplug();
    return this.#unplugging;
  }

  onTransfer(transfer: Transfer): void {
    if (transfer.endpoint === 0) this.#control(transfer);
    else this.#sender.offer(transfer.seqnum, transfer.length);
  }

  onUnlink(seqnum: number): boolean {
    return this.#sender.withdraw(seqnum);
  }

  async #unplug(): Promise<void> {
    this.#stop();
    await this.#cable?.[Symbol.asyncDispose]();
  }

  #control({ seqnum, isIn, length, setup, data }: Transfer): void {
    const reply = this.#answer(setup, data);
    if (reply === undefined) this.#cable?.stall(seqnum);
    else if (isIn) this.#cable?.succeed(seqnum, reply.subarray(0, length));
    else this.#cable?.accept(seqnum, data.length);
  }

  /** @returns what was asked for, nothing for what was set, undefined to refuse. */
  #answer(setup: Buffer, data: Buffer): Buffer | undefined {
    const [type = 0, request = 0] = setup;
    const value = setup.readUInt16LE(2);
    const index = setup.readUInt16LE(4);
    if ((type & TYPE_MASK) === 0) return this.#answerStandard(type, request, value);
    if ((index & 255) === STREAMING_INTERFACE) return this.#answerStreaming(type, request, value >> 8, data);
    return this.#answerControl(type, request, value >> 8, index >> 8, data);
  }

  #answerStandard(type: number, request: number, value: number): Buffer | undefined {
    if (type === STANDARD_IN && request === GET_DESCRIPTOR) return this.#descriptor(value >> 8, value & 255);
    if (type === STANDARD_IN && request === GET_STATUS) return Buffer.alloc(2);
    if (type === STANDARD_IN && request === GET_CONFIGURATION) return Buffer.of(1);
    if (type === STANDARD_INTERFACE_IN && request === GET_INTERFACE) return Buffer.of(0);
    if (request === CLEAR_FEATURE) this.#stop(); // how uvcvideo ends a bulk stream
    return Buffer.alloc(0);
  }

  #answerStreaming(type: number, request: number, selector: number, data: Buffer): Buffer | undefined {
    if (type === CLASS_INTERFACE_OUT) {
      this.#probed = nearestMode(data, this.#formats);
      if (selector === VS_COMMIT_CONTROL) this.#start(this.#probed);
      return Buffer.alloc(0);
    }
    if (request === GET_INFO) return Buffer.of(GET_AND_SET);
    if (request === GET_LEN) return le(PROBE_BYTES, 2);
    return probeBytes(this.#probed, this.#formats);
  }

  #answerControl(
    type: number,
    request: number,
    selector: number,
    id: number,
    data: Buffer,
  ): Buffer | undefined {
    const unit = id === CAMERA_TERMINAL ? 'camera-terminal' : 'processing-unit';
    const control = CAMERA_CONTROLS.find((each) => each.unit === unit && each.selector === selector);
    if (control === undefined || this.#isRefusing) return undefined;
    const { name, bytes } = control;
    if (type === CLASS_INTERFACE_OUT) {
      const value = data.readUIntLE(0, bytes);
      this.#values.set(name, value);
      this.emit('control', name, value);
      return Buffer.alloc(0);
    }
    switch (request) {
      case GET_CUR:
        return le(this.#values.get(name) ?? 0, bytes);
      case GET_MIN:
        return le(control.minimum, bytes);
      case GET_MAX:
        return le(control.maximum, bytes);
      case GET_RES:
        return le(control.step, bytes);
      case GET_DEF:
        return le(control.initial, bytes);
      case GET_LEN:
        return le(bytes, 2);
      case GET_INFO:
        return Buffer.of(GET_AND_SET);
      default:
        return undefined;
    }
  }

  #start(mode: Mode): void {
    const format = this.#formats[mode.format - 1];
    const size = format?.sizes[mode.frame - 1];
    if (format === undefined || size === undefined) return;
    this.#running = mode;
    this.#options.pictures.of(format.codec, size).then(
      (pictures) => {
        if (this.#running === mode) this.#sender.start(pictures, mode.interval / 10_000);
      },
      (error: unknown) => this.emit('error', error),
    );
    this.emit('start');
  }

  #stop(): void {
    this.#sender.stop();
    this.#running = undefined;
  }
}

/** What the camera agrees to when it is asked for a mode. */
function nearestMode(asked: Buffer, formats: readonly VideoFormat[]): Mode {
  const within = (value: number | undefined, count: number) => Math.min(Math.max(value ?? 1, 1), count);
  const format = within(asked[2], formats.length);
  const frame = within(asked[3], formats[format - 1]?.sizes.length ?? 1);
  const wanted = asked.readUInt32LE(4);
  const interval = FRAME_INTERVALS.reduce((best, each) =>
    Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best,
  );
  return { format, frame, interval };
}

/** UVC 1.1 table 4-75. */
function probeBytes({ format, frame, interval }: Mode, formats: readonly VideoFormat[]): Buffer {
  const size = formats[format - 1]?.sizes[frame - 1] ?? { width: 0, height: 0 };
  const bytes = Buffer.alloc(PROBE_BYTES);
  bytes.writeUInt16LE(1, 0); // the interval is kept, the rest follows
  bytes.writeUInt8(format, 2);
  bytes.writeUInt8(frame, 3);
  bytes.writeUInt32LE(interval, 4);
  bytes.writeUInt32LE(maxPictureBytes(size), 18);
  bytes.writeUInt32LE(maxPictureBytes(size) + 2, 22); // one payload is one picture with its header
  bytes.writeUInt32LE(48_000_000, 26);
  return bytes;
}
