import { parseAvcC, parseSps } from '../../../src/streams/formats/h264/index.ts';
import {
  type Box,
  findBox,
  readBoxes,
  readMfhd,
  readTfdt,
  readTfhd,
  readTrun,
} from '../../../src/streams/formats/isobmff/index.ts';
import type { Message } from './socket-recorder.ts';

/** A message of the video socket, taken apart. */
export interface VideoMessage {
  readonly bytes: Buffer;
  /** Its outermost boxes. */
  readonly boxes: readonly string[];
  readonly init?: {
    readonly codec: string;
    readonly width: number;
    readonly height: number;
    readonly tracks: number;
    readonly isFragmented: boolean;
    readonly hasEditList: boolean;
  };
  readonly fragment?: {
    readonly sequence: number;
    readonly time: number;
    readonly samples: number;
    readonly isSync: boolean;
    readonly isDefaultBaseMoof: boolean;
  };
}

const NON_SYNC = 0x0001_0000;

/** Takes a message apart; one that is not made of boxes has none. */
export function videoMessage({ bytes }: Message): VideoMessage {
  const boxes = boxesOf(bytes);
  const init = findBox(boxes, 'moov') && initOf(boxes);
  const fragment = findBox(boxes, 'moof') && fragmentOf(boxes);
  return {
    bytes,
    boxes: boxes.map(({ type }) => type),
    ...(init && { init }),
    ...(fragment && { fragment }),
  };
}

function boxesOf(bytes: Buffer): readonly Box[] {
  try {
    return readBoxes(bytes);
  } catch {
    return [];
  }
}

function initOf(boxes: readonly Box[]): VideoMessage['init'] {
  const avcC = findBox(boxes, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'avc1', 'avcC');
  const [sps] = avcC === undefined ? [] : parseAvcC(avcC.body).sps;
  if (avcC === undefined || sps === undefined) return undefined;
  const { width, height } = parseSps(sps);
  const codec = `avc1.${Buffer.from(avcC.body.subarray(1, 4)).toString('hex').toUpperCase()}`;
  const tracks = findBox(boxes, 'moov')?.children.filter(({ type }) => type === 'trak').length ?? 0;
  const isFragmented = findBox(boxes, 'moov', 'mvex', 'trex') !== undefined;
  const hasEditList = findBox(boxes, 'moov', 'trak', 'edts') !== undefined;
  return { codec, width, height, tracks, isFragmented, hasEditList };
}

function fragmentOf(boxes: readonly Box[]): VideoMessage['fragment'] {
  const [mfhd, tfhd, tfdt, trun] = [
    findBox(boxes, 'moof', 'mfhd'),
    ...['tfhd', 'tfdt', 'trun'].map((type) => findBox(boxes, 'moof', 'traf', type)),
  ];
  if (!mfhd || !tfhd || !tfdt || !trun) return undefined;
  const { samples, firstSampleFlags } = readTrun(trun);
  const { defaultSampleFlags, isDefaultBaseMoof } = readTfhd(tfhd);
  const sampleFlags = firstSampleFlags ?? samples[0]?.flags ?? defaultSampleFlags ?? 0;
  return {
    sequence: readMfhd(mfhd).sequenceNumber,
    time: readTfdt(tfdt).baseMediaDecodeTime,
    samples: samples.length,
    isSync: (sampleFlags & NON_SYNC) === 0,
    isDefaultBaseMoof,
  };
}
