import type { InputConfig } from '../model-config.ts';

type Coords = readonly [number, number, number, number];

/** Where a picture lies in a model's input, in pixels of the input. */
export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Letterbox keeps the picture's proportions and centres it; the picture is at least one pixel wide and high. */
export function place(fit: InputConfig['fit'], picture: Size, input: Size): Placement {
  if (fit === 'stretch') return { left: 0, top: 0, width: input.width, height: input.height };
  const scale = Math.min(input.width / picture.width, input.height / picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return {
    left: Math.floor((input.width - width) / 2),
    top: Math.floor((input.height - height) / 2),
    width,
    height,
  };
}

/**
 * A box of the model's input as one of the whole camera picture, 0 to 1, cut off at the picture's borders.
 * @param box xmin, ymin, xmax, ymax in pixels of the input.
 */
export function toPicture({ left, top, width, height }: Placement, box: Coords): Coords {
  const share = (place: number, from: number, size: number) =>
    Math.min(1, Math.max(0, (place - from) / size));
  return [
    share(box[0], left, width),
    share(box[1], top, height),
    share(box[2], left, width),
    share(box[3], top, height),
  ];
}
