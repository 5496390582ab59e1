import { type PictureFormat, pictureSizeBytes } from '../../../media/picture.ts';

/** Rows of one plane: how long they are, and how far apart the driver lays them. */
interface Plane {
  readonly rows: number;
  readonly rowBytes: number;
}

/** Where a raw picture lies in a buffer whose rows may be padded. */
export interface RowLayout {
  readonly planes: readonly Plane[];
  /** Distance of two rows in every plane, in bytes. */
  readonly bytesPerLine: number;
  /** Bytes of the picture without padding. */
  readonly packedBytes: number;
  /** Bytes the driver has to deliver for the picture to be whole. */
  readonly neededBytes: number;
}

/**
 * The rows of a raw format; undefined for compressed ones.
 * @param bytesPerLine as the driver says; below the length of a row it means "not padded".
 */
export function rowLayout(format: PictureFormat, bytesPerLine: number): RowLayout | undefined {
  const packedBytes = pictureSizeBytes(format);
  if (packedBytes === undefined) return undefined;
  const planes = planesOf(format);
  const stride = Math.max(bytesPerLine, ...planes.map(({ rowBytes }) => rowBytes));
  const rows = planes.reduce((sum, plane) => sum + plane.rows, 0);
  const lastRow = planes.at(-1)?.rowBytes ?? 0;
  return { planes, bytesPerLine: stride, packedBytes, neededBytes: (rows - 1) * stride + lastRow };
}

function planesOf({ pixelFormat, width, height }: PictureFormat): readonly Plane[] {
  switch (pixelFormat) {
    case 'YUYV':
    case 'Z16':
      return [{ rows: height, rowBytes: width * 2 }];
    case 'GREY':
      return [{ rows: height, rowBytes: width }];
    case 'NV12': // luma, then Cb and Cr side by side for every second row and column
      return [
        { rows: height, rowBytes: width },
        { rows: Math.ceil(height / 2), rowBytes: 2 * Math.ceil(width / 2) },
      ];
    case 'MJPG':
    case 'H264':
      return [];
    default:
      return pixelFormat satisfies never;
  }
}

/** Whether the rows follow each other without a gap. */
export const isPacked = ({ neededBytes, packedBytes }: RowLayout): boolean => neededBytes === packedBytes;

/** Copies the rows of a padded picture into `into`, which holds `packedBytes`. */
export function packRows(layout: RowLayout, from: Uint8Array, into: Uint8Array): void {
  let source = 0;
  let target = 0;
  for (const { rows, rowBytes } of layout.planes) {
    for (let row = 0; row < rows; row++) {
      into.set(from.subarray(source, source + rowBytes), target);
      source += layout.bytesPerLine;
      target += rowBytes;
    }
  }
}
