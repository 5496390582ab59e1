import { CAMERA_CONTROLS, type CameraControl } from './controls.ts';
import { FRAME_INTERVALS, maxPictureBytes, type VideoFormat } from './video-format.ts';

/** Ids that requests to the control interface name. */
export const CAMERA_TERMINAL = 1;
export const PROCESSING_UNIT = 2;
const OUTPUT_TERMINAL = 3;

// Descriptor types, USB 2.0 table 9-5 and UVC 1.1 tables.
const [DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT, DEVICE_QUALIFIER] = [1, 2, 3, 4, 5, 6];
const INTERFACE_ASSOCIATION = 0x0b;
const CS_INTERFACE = 0x24;
const [VC_HEADER, VC_INPUT_TERMINAL, VC_OUTPUT_TERMINAL, VC_PROCESSING_UNIT] = [1, 2, 3, 5];
const [VS_INPUT_HEADER, VS_FORMAT_UNCOMPRESSED, VS_FRAME_UNCOMPRESSED, VS_FORMAT_MJPEG, VS_FRAME_MJPEG] = [
  1, 4, 5, 6, 7,
];
const CC_VIDEO = 0x0e;
const ITT_CAMERA = 0x0201;
const TT_STREAMING = 0x0101;
const VIDEO_ENDPOINT = 0x81;

const USB_2 = 0x200;
const UVC_1_1 = 0x110;
const CLOCK_HZ = 48_000_000;
/** The Linux Foundation's, and a product that it has not given away. */
const [VENDOR, PRODUCT] = [0x1d6b, 0x0102];
const MISCELLANEOUS_CLASS = [0xef, 2, 1]; // its functions are told by the interface association
const BITS_PER_PIXEL = 16;
/** The format YUY2, UVC 1.1 "Uncompressed Payload" table 2-1, and what uvcvideo takes for Z16 (linux/usb/uvc.h). */
const GUIDS = {
  yuyv: Buffer.from('5955593200001000800000aa00389b71', 'hex'),
  z16: Buffer.from('5a31362000001000800000aa00389b71', 'hex'),
};

/** A number as USB has it: little-endian. */
export function le(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntLE(value, 0, bytes);
  return out;
}

type Part = number | readonly number[] | Buffer;

function join(...parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))));
}

/** A descriptor: its length, its type, its fields. */
function descriptor(type: number, ...fields: readonly Part[]): Buffer {
  const body = join(...fields);
  return join(body.length + 2, type, body);
}

function bmControls(unit: CameraControl['unit']): Buffer {
  const bits = CAMERA_CONTROLS.filter((control) => control.unit === unit).map(({ bit }) => 1 << bit);
  return le(
    bits.reduce((all, bit) => all | bit, 0),
    3,
  );
}

function formatDescriptors({ codec, sizes }: VideoFormat, index: number): Buffer {
  const isJpeg = codec === 'mjpeg';
  const format = isJpeg
    ? descriptor(CS_INTERFACE, VS_FORMAT_MJPEG, index, sizes.length, 1, 1, 0, 0, 0, 0)
    : descriptor(
        CS_INTERFACE,
        VS_FORMAT_UNCOMPRESSED,
        index,
        sizes.length,
        GUIDS[codec],
        BITS_PER_PIXEL,
        1,
        0,
        0,
        0,
        0,
      );
  const frames = sizes.map((size, at) => {
    const bytes = maxPictureBytes(size);
    return descriptor(
      CS_INTERFACE,
      isJpeg ? VS_FRAME_MJPEG : VS_FRAME_UNCOMPRESSED,
      at + 1,
      0,
      le(size.width, 2),
      le(size.height, 2),
      le(bytes * 8, 4), // bits per second at least
      le(bytes * 8 * 30, 4),
      le(bytes, 4),
      le(FRAME_INTERVALS[0] ?? 0, 4), // by default
      FRAME_INTERVALS.length,
      ...FRAME_INTERVALS.map((interval) => le(interval, 4)),
    );
  });
  return join(format, ...frames);
}

function interfaces(videoFormats: readonly VideoFormat[]): Buffer {
  const units = join(
    descriptor(
      CS_INTERFACE,
      VC_INPUT_TERMINAL,
      CAMERA_TERMINAL,
      le(ITT_CAMERA, 2),
      0,
      0,
      le(0, 6), // focal lengths: unknown
      3,
      bmControls('camera-terminal'),
    ),
    descriptor(
      CS_INTERFACE,
      VC_PROCESSING_UNIT,
      PROCESSING_UNIT,
      CAMERA_TERMINAL,
      le(0, 2),
      3,
      bmControls('processing-unit'),
      0,
      0,
    ),
    descriptor(CS_INTERFACE, VC_OUTPUT_TERMINAL, OUTPUT_TERMINAL, le(TT_STREAMING, 2), 0, PROCESSING_UNIT, 0),
  );
  const headerBytes = 13;
  const control = join(
    descriptor(INTERFACE, 0, 0, 0, CC_VIDEO, 1, 0, 0),
    descriptor(
      CS_INTERFACE,
      VC_HEADER,
      le(UVC_1_1, 2),
      le(headerBytes + units.length, 2),
      le(CLOCK_HZ, 4),
      1,
      1,
    ),
    units,
  );
  const formats = join(...videoFormats.map((format, at) => formatDescriptors(format, at + 1)));
  const inputHeaderBytes = 13 + videoFormats.length;
  const streaming = join(
    descriptor(INTERFACE, 1, 0, 1, CC_VIDEO, 2, 0, 0),
    descriptor(
      CS_INTERFACE,
      VS_INPUT_HEADER,
      videoFormats.length,
      le(inputHeaderBytes + formats.length, 2),
      VIDEO_ENDPOINT,
      0,
      OUTPUT_TERMINAL,
      0,
      0,
      0,
      1,
      videoFormats.map(() => 0),
    ),
    formats,
    descriptor(ENDPOINT, VIDEO_ENDPOINT, 2, le(512, 2), 0), // bulk
  );
  return join(descriptor(INTERFACE_ASSOCIATION, 0, 2, CC_VIDEO, 3, 0, 0), control, streaming);
}

/** Everything that the camera says of itself: a descriptor by type and index, undefined where it has none. */
export function describeCamera(
  product: string,
  serial: string,
  videoFormats: readonly VideoFormat[],
): (type: number, index: number) => Buffer | undefined {
  const all = interfaces(videoFormats);
  const text = (string: string) => descriptor(STRING, Buffer.from(string, 'utf16le'));
  const ids = join(le(VENDOR, 2), le(PRODUCT, 2), le(0x100, 2));
  const table = new Map<number, readonly Buffer[]>([
    [DEVICE, [descriptor(DEVICE, le(USB_2, 2), MISCELLANEOUS_CLASS, 64, ids, 1, 2, 3, 1)]],
    [CONFIGURATION, [join(descriptor(CONFIGURATION, le(9 + all.length, 2), 2, 1, 0, 0x80, 50), all)]],
    [STRING, [descriptor(STRING, le(0x0409, 2)), text('Vidicon'), text(product), text(serial)]],
    [DEVICE_QUALIFIER, [descriptor(DEVICE_QUALIFIER, le(USB_2, 2), MISCELLANEOUS_CLASS, 64, 1, 0)]],
  ]);
  return (type, index) => table.get(type)?.[index];
}
