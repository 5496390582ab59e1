import { expect, test } from 'vitest';
import { encodeX264, type X264Request } from '../../../../test/support/x264.ts';
import type { Track } from '../../../media/coded.ts';
import { accessUnitFromAnnexB, codecConfig } from '../h264/index.ts';
import { type Box, findBox, readBoxes } from './box-reader.ts';
import { initSegment } from './init-segment.ts';

function x264Track(request: Partial<X264Request> = {}): Track {
  const defaults = { width: 854, height: 480, profile: 'high', bPictures: 0, pictures: 1 } as const;
  const [unit] = encodeX264({ ...defaults, ...request });
  const { sps, pps } = accessUnitFromAnnexB(unit?.annexB ?? new Uint8Array());
  return { id: 1, timescale: 90_000, epoch: 1, config: codecConfig(sps, pps) };
}

function outline(boxes: readonly Box[]): string {
  return boxes
    .map(({ type, children }) => (children.length > 0 ? `${type}(${outline(children)})` : type))
    .join(' ');
}

const sampleEntry = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'avc1'];
const STBL = 'stbl(stsd(avc1(avcC)) stts stsc stsz stco)';

test('it is ftyp and moov with empty sample tables and no edit list', () => {
  const boxes = readBoxes(initSegment([x264Track()]));
  expect(outline(boxes)).toBe(
    `ftyp moov(mvhd trak(tkhd mdia(mdhd hdlr minf(vmhd dinf(dref(url )) ${STBL}))) mvex(trex))`,
  );
  expect(Buffer.from(findBox(boxes, 'ftyp')?.body ?? []).toString('latin1')).toBe('iso5\0\0\0\0iso5iso6mp41');
});

test('the sample entry carries the avcC and the cropped size', () => {
  const track = x264Track();
  const boxes = readBoxes(initSegment([track]));
  const entry = Buffer.from(findBox(boxes, ...sampleEntry)?.body ?? []);
  expect([entry.readUInt16BE(24), entry.readUInt16BE(26)]).toEqual([854, 480]);
  expect(findBox(boxes, ...sampleEntry, 'avcC')?.body).toEqual(
    track.config.codec === 'h264' && track.config.avcC,
  );
});

test('samples that are not square get a pasp, and the track its displayed width', () => {
  const boxes = readBoxes(initSegment([x264Track({ width: 720, height: 576, filter: 'setsar=16/11' })]));
  const pasp = Buffer.from(findBox(boxes, ...sampleEntry, 'pasp')?.body ?? []);
  expect([pasp.readUInt32BE(0), pasp.readUInt32BE(4)]).toEqual([16, 11]);
  const tkhd = Buffer.from(findBox(boxes, 'moov', 'trak', 'tkhd')?.body ?? []);
  expect(tkhd.readUInt32BE(76) / 0x10000).toBeCloseTo((720 * 16) / 11, 3);
  expect(tkhd.readUInt32BE(80) / 0x10000).toBe(576);
});

test('every track has its trak and trex', () => {
  const track = x264Track();
  const boxes = readBoxes(initSegment([track, { ...track, id: 2, timescale: 48_000 }]));
  const moov = findBox(boxes, 'moov')?.children ?? [];
  const tkhds = moov.flatMap((box) => findBox(box.children, 'tkhd') ?? []);
  expect(tkhds.map((tkhd) => Buffer.from(tkhd.body).readUInt32BE(12))).toEqual([1, 2]);
  expect(findBox(moov, 'mvex')?.children.map((trex) => Buffer.from(trex.body).readUInt32BE(4))).toEqual([
    1, 2,
  ]);
  expect(Buffer.from(findBox(moov, 'mvhd')?.body ?? []).readUInt32BE(96)).toBe(3);
});

test('a track of JPEG images is refused', () => {
  const config = { kind: 'video', codec: 'jpeg', codecString: 'mjpeg', width: 640, height: 480 } as const;
  expect(() => initSegment([{ id: 1, timescale: 90_000, epoch: 1, config }])).toThrow(
    expect.objectContaining({ code: 'FORMAT_ISOBMFF_UNSUPPORTED', kind: 'internal' }),
  );
});
