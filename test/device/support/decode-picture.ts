import { spawn } from 'node:child_process';

/**
 * The pixels of an image, or of the first picture of a video.
 * @param pixels ffmpeg's name of their format.
 * @param filters of ffmpeg, applied before.
 */
export async function decodePicture(file: Buffer, pixels: string, filters = 'null'): Promise<Buffer> {
  const output = ['-frames:v', '1', '-vf', filters, '-f', 'rawvideo', '-pix_fmt', pixels, '-'];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-i', 'pipe:0', ...output], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  ffmpeg.stdin.on('error', () => undefined); // it has seen enough
  ffmpeg.stdin.end(file);
  const bytes: Buffer[] = [];
  for await (const chunk of ffmpeg.stdout) bytes.push(chunk);
  return Buffer.concat(bytes);
}
