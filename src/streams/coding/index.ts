export type { Coding, CodingListener, StartCoding } from './coding.ts';
export { h264Coding } from './h264-coding.ts';
export { jpegCoding, rawCoding } from './picture-coding.ts';
