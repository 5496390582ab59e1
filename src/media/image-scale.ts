/** How a picture is fitted into a size of another aspect ratio: cut, distorted, or with bars. */
export const RESIZE_MODES = ['CROP', 'STRETCH', 'LETTERBOX'] as const;
export type ResizeMode = (typeof RESIZE_MODES)[number];

/** The size, in pixels, that an image is to have, whatever the picture has. */
export interface ImageScale {
  readonly width: number;
  readonly height: number;
  readonly resize: ResizeMode;
}
