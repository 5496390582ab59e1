import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type FrameSize, maxPictureBytes, type VideoFormat } from './video-format.ts';

const COUNT = 10;
const END_OF_IMAGE = Buffer.of(0xff, 0xd9);

/** The pictures that cameras show: ten of a moving test card, drawn by ffmpeg once for each format and size. */
export class TestPictures {
  readonly #drawn = new Map<string, Promise<readonly Buffer[]>>();

  of(codec: VideoFormat['codec'], { width, height }: FrameSize): Promise<readonly Buffer[]> {
    const key = `${codec} ${width}x${height}`;
    const drawing = this.#drawn.get(key) ?? draw(codec, { width, height });
    this.#drawn.set(key, drawing);
    return drawing;
  }
}

async function draw(codec: VideoFormat['codec'], size: FrameSize): Promise<readonly Buffer[]> {
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
