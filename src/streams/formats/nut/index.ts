export { NutDemuxer, type NutListener, type NutPacket } from './demuxer.ts';
export type { StreamHeader as NutStream, TimeBase } from './headers.ts';
export { nutFramePrefix, nutHeader } from './muxer.ts';
