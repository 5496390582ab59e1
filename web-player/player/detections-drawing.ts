import type { DetectionsOfPicture } from './detection-track.ts';
import type { Detection } from './detections-message.ts';
import { type Area, pictureArea } from './picture-area.ts';

const LINE_PX = 2;
const TAG_PX = 18;
const TAG_PADDING_PX = 5;
/** Neighbouring class numbers get colours far from each other. */
const HUE_STEP = 137.5;

/**
 * Draws boxes on a canvas that lies over a video, where the video shows what they are around. The canvas takes the
 * resolution of the screen; an empty list empties it.
 */
export function drawDetections(
  canvas: HTMLCanvasElement,
  video: HTMLVideoElement,
  { boxes, verdict }: Pick<DetectionsOfPicture, 'boxes' | 'verdict'>,
): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio;
  const resolution = [Math.round(width * ratio), Math.round(height * ratio)] as const;
  if (canvas.width !== resolution[0] || canvas.height !== resolution[1]) {
    [canvas.width, canvas.height] = resolution;
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (video.videoWidth === 0 || (boxes.length === 0 && verdict === undefined)) return;
  const picture = { width: video.videoWidth, height: video.videoHeight };
  const { objectFit, objectPosition } = getComputedStyle(video);
  const area = pictureArea({ width, height }, picture, objectFit, objectPosition);
  context.font = '600 12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.lineWidth = LINE_PX;
  // The most confident come first, and lie on top.
  for (const box of [...boxes].reverse()) drawBox(context, area, box);
  if (verdict !== undefined) {
    const tagWidth = context.measureText(verdict).width + 2 * TAG_PADDING_PX;
    drawTag(context, verdict, width - tagWidth - 8, height - TAG_PX - 8, '#fff');
  }
}

function drawBox(context: CanvasRenderingContext2D, area: Area, { label, ...box }: Detection): void {
  const [xmin, ymin, xmax, ymax] = box.coords.map((coordinate) => Math.min(1, Math.max(0, coordinate)));
  const left = area.left + (xmin ?? 0) * area.width;
  const top = area.top + (ymin ?? 0) * area.height;
  const right = area.left + (xmax ?? 0) * area.width;
  const bottom = area.top + (ymax ?? 0) * area.height;
  const colour = `hsl(${(label * HUE_STEP + 120) % 360} 100% 60%)`;
  context.strokeStyle = colour;
  context.strokeRect(left, top, right - left, bottom - top);
  const tag = `${box.name ?? label} ${Math.round(box.confidence * 100)}\u00a0%`;
  // Above the box, or inside where there is no room above.
  const tagTop = top - TAG_PX >= Math.max(0, area.top) ? top - TAG_PX : Math.max(0, top);
  drawTag(context, tag, Math.max(0, left - LINE_PX / 2), tagTop, colour);
}

function drawTag(
  context: CanvasRenderingContext2D,
  text: string,
  left: number,
  top: number,
  colour: string,
): void {
  context.fillStyle = colour;
  context.fillRect(left, top, context.measureText(text).width + 2 * TAG_PADDING_PX, TAG_PX);
  context.fillStyle = '#000';
  context.fillText(text, left + TAG_PADDING_PX, top + TAG_PX / 2 + 1);
}
