export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * Where in its element a video's picture is; parts of it may lie outside.
 * @param element and `picture`: sizes in CSS pixels.
 * @param fit and `position`: computed values of object-fit and object-position (CSS Images 3 §5.5).
 */
export function pictureArea(element: Size, picture: Size, fit: string, position: string): Area {
  const contain = Math.min(element.width / picture.width, element.height / picture.height);
  const cover = Math.max(element.width / picture.width, element.height / picture.height);
  const scales: Readonly<Record<string, number>> = { cover, none: 1, 'scale-down': Math.min(1, contain) };
  const scale = scales[fit] ?? contain;
  const { width, height } =
    fit === 'fill' ? element : { width: picture.width * scale, height: picture.height * scale };
  const [x, y] = position.split(' ');
  return { left: place(x, element.width - width), top: place(y, element.height - height), width, height };
}

/** What cannot be read, such as calc(), counts as the middle. */
function place(position: string | undefined, room: number): number {
  const value = Number.parseFloat(position ?? '');
  if (Number.isNaN(value)) return room / 2;
  return position?.endsWith('%') ? (room * value) / 100 : value;
}
