import type { Page } from 'playwright-core';

/** What a page's first player shows at one moment, read from the pixels of its video and of the canvas over it. */
export interface DrawnPicture<Mark> {
  /** What `readMark` made of the video's pixels. */
  readonly mark: Mark;
  /** The drawn box's edges in parts of the video's picture, or undefined when none is drawn. */
  readonly box: readonly [left: number, top: number, right: number, bottom: number] | undefined;
}

/** Pixels of the present picture: RGBA, row by row. */
export type ReadMark<Mark> = (picture: ImageData) => Mark | undefined;

/**
 * Watches pictures as they are shown. The page must show one box of class 0 at most, wider than its tag, in an
 * element that has the proportions of the picture.
 * @param readMark runs in the page; undefined leaves the picture out.
 */
export async function drawnPictures<Mark>(
  page: Page,
  pictures: number,
  readMark: ReadMark<Mark>,
): Promise<DrawnPicture<Mark>[]> {
  return (await page.evaluate(
    `(${watchDrawing.toString()})(${pictures}, ${readMark.toString()})`,
  )) as DrawnPicture<Mark>[]; // what watchDrawing returns
}

/** Runs in the page. */
async function watchDrawing<Mark>(pictures: number, readMark: ReadMark<Mark>): Promise<DrawnPicture<Mark>[]> {
  const player = document.querySelector('vidicon-player') as HTMLElement & { videoElement: HTMLVideoElement };
  const video = player.videoElement;
  const drawing = player.shadowRoot?.querySelector('canvas');
  const copy = document.createElement('canvas');
  const context = copy.getContext('2d', { willReadFrequently: true });
  if (!drawing || !context) throw new Error('the player has no canvas');
  const boxOf = (): DrawnPicture<Mark>['box'] => {
    const { width, height } = drawing;
    copy.width = width;
    copy.height = height;
    context.drawImage(drawing, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    // hsl(120 100% 60%), the colour of class 0
    const isLine = (x: number, y: number) => {
      const at = (y * width + x) * 4;
      return (data[at] ?? 0) < 110 && (data[at + 1] ?? 0) > 200 && (data[at + 3] ?? 0) > 200;
    };
    const columns = [...Array(width).keys()];
    const rows = [...Array(height).keys()];
    const bottom = rows.findLast((y) => columns.some((x) => isLine(x, y)));
    if (bottom === undefined) return undefined;
    const left = columns.find((x) => isLine(x, bottom)) ?? 0;
    const right = columns.findLast((x) => isLine(x, bottom)) ?? 0;
    const top = rows.find((y) => isLine(right, y)) ?? 0;
    return [(left + 1) / width, (top + 1) / height, right / width, bottom / height];
  };
  const drawn: DrawnPicture<Mark>[] = [];
  const deadline = performance.now() + 20_000;
  while (drawn.length < pictures && performance.now() < deadline) {
    await new Promise<void>((resolve) => {
      // Of the same rendering step, and behind whatever the player itself does in it.
      video.requestVideoFrameCallback(() => requestAnimationFrame(() => resolve()));
    });
    copy.width = video.videoWidth;
    copy.height = video.videoHeight;
    context.drawImage(video, 0, 0);
    const mark = readMark(context.getImageData(0, 0, copy.width, copy.height));
    if (mark !== undefined) drawn.push({ mark, box: boxOf() });
  }
  return drawn;
}
