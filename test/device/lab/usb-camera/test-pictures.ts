import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type FrameSize, maxPictureBytes, type VideoFormat } from './video-format.ts';

const COUNT = 10;
const END_OF_IMAGE = Buffer.of(0xff, 0xd9);

/** Depth in its upper half, four bands from the left: nothing measured, 0.2 m, 1.4 m, 10 m. */
const DEPTH_BANDS = [0, 200, 1414, 10_000];

/**
 * The pictures that cameras show, ten for each format and size, drawn once: a moving test card, or for depth four
 * bands above rising values.
 */
export class TestPictures {
  readonly #drawn = new Map<string, Promise<readonly Buffer[]>>();

  of(codec: VideoFormat['codec'], { width, height }: FrameSize): Promise<readonly Buffer[]> {
    const key = `${codec} ${width}x${height}`;
    const drawing =
      this.#drawn.get(key) ??
      (codec === 'z16' ? Promise.resolve(drawDepth({ width, height })) : draw(codec, { width, height }));
    this.#drawn.set(key, drawing);
    return drawing;
  }
}

function drawDepth({ width, height }: FrameSize): readonly Buffer[] {
  return Array.from({ length: COUNT }, (_, picture) => {
    const values = Uint16Array.from({ length: width * height }, (_, at) => {
      const isBand = at < (width * height) / 2;
      return isBand
        ? (DEPTH_BANDS[Math.floor(((at % width) * DEPTH_BANDS.length) / width)] ?? 0)
        : at + picture;
    });
    return Buffer.from(values.buffer); // little-endian, as the lab's machine is
  });
}

async function draw(codec: 'mjpeg' | 'yuyv', size: FrameSize): Promise<readonly Buffer[]> {
  const output =
    codec === 'mjpeg'
      ? ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p', '-q:v', '5']
      : ['-c:v', 'rawvideo', '-pix_fmt', 'yuyv422'];
  const source = `testsrc2=s=${size.width}x${size.height}:r=10`;
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', `${COUNT}`, ...output, '-f', 'image2pipe', '-'],
    { encoding: 'buffer', maxBuffer: 2 * COUNT * maxPictureBytes(size) },
  );
  const pictures: Buffer[] = [];
  for (let at = 0; at < stdout.length; ) {
    const end = codec === 'mjpeg' ? stdout.indexOf(END_OF_IMAGE, at) + 2 : at + maxPictureBytes(size);
    pictures.push(stdout.subarray(at, end));
    at = end;
  }
  return pictures;
}
