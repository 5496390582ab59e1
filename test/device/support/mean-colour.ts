import { decodePicture } from './decode-picture.ts';

/** The mean colour of an image, or of the first picture of a video: red, green and blue from 0 to 255. */
export async function meanColour(file: Buffer): Promise<readonly [number, number, number]> {
  const [red, green, blue] = await decodePicture(file, 'rgb24', 'scale=1:1:flags=area');
  if (red === undefined || green === undefined || blue === undefined)
    throw new Error('ffmpeg saw no picture.');
  return [red, green, blue];
}
