import { spawn } from 'node:child_process';

/** The mean colour of an image, or of the first picture of a video: red, green and blue from 0 to 255. */
export async function meanColour(file: Buffer): Promise<readonly [number, number, number]> {
  const toOnePixel = [
    '-frames:v',
    '1',
    '-vf',
    'scale=1:1:flags=area',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-i', 'pipe:0', ...toOnePixel], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  ffmpeg.stdin.on('error', () => undefined); // it has seen enough
  ffmpeg.stdin.end(file);
  const bytes: Buffer[] = [];
  for await (const chunk of ffmpeg.stdout) bytes.push(chunk);
  const [red, green, blue] = Buffer.concat(bytes);
  if (red === undefined || green === undefined || blue === undefined)
    throw new Error('ffmpeg saw no picture.');
  return [red, green, blue];
}
