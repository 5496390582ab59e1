export { type FfmpegCapabilities, probeFfmpeg } from './capabilities.ts';
export { H264Encoders } from './h264-encoders.ts';
export { pictureConverter } from './image.ts';
export { JpegEncoders } from './jpeg-encoders.ts';
