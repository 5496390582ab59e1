export { copyInputArguments, encodeInputArguments } from './arguments.ts';
export { type FfmpegCapabilities, probeFfmpeg } from './capabilities.ts';
export { H264Encoders } from './h264-encoders.ts';
export { H264Output } from './h264-output.ts';
export { pictureConverter } from './image.ts';
export { jpegEncoders, pictureDecoders } from './picture-encoders.ts';
