import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { parsesOrRefuses } from '../../../../test/support/format-error.ts';
import { anySpsFields, writeSps } from '../../../../test/support/sps-writer.ts';
import { decodedPictures, encodeX264 } from '../../../../test/support/x264.ts';
import { splitAnnexB } from './annex-b.ts';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { withBitstreamRestriction } from './bitstream-restriction.ts';
import { insertEmulationPrevention } from './emulation-prevention.ts';
import { NAL_UNIT_TYPE, nalUnitType } from './nal-unit.ts';
import { parseSps, readSps } from './sps.ts';

const folder = mkdtempSync(join(tmpdir(), 'restriction-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An SPS as an encoder writes it that ends at the given flag. */
function endedAt(flag: 'vuiFlagAt' | 'restrictionFlagAt', nalUnit: Uint8Array): Uint8Array {
  const syntax = readSps(nalUnit);
  const writer = new BitWriter();
  writer.copy(new BitReader(syntax.raw), syntax[flag] ?? 0);
  writer.flag(false);
  return insertEmulationPrevention(writer.finish());
}

test('an SPS that has the restriction stays the same bytes', () => {
  const withRestriction = anySpsFields.filter((fields) => fields.vui?.restriction !== undefined);
  fc.assert(
    fc.property(withRestriction, (fields) => {
      const sps = writeSps(fields);
      expect(withBitstreamRestriction(sps, { maxNumReorderFrames: 0, maxDecFrameBuffering: 1 })).toBe(sps);
    }),
  );
});

test('only the restriction changes in an SPS that lacks it', () => {
  const without = anySpsFields.filter((fields) => fields.vui?.restriction === undefined);
  fc.assert(
    fc.property(without, fc.nat(16), fc.nat(16), (fields, maxNumReorderFrames, maxDecFrameBuffering) => {
      const before = writeSps(fields);
      const after = withBitstreamRestriction(before, { maxNumReorderFrames, maxDecFrameBuffering });
      const { vui, ...sps } = parseSps(before);
      const bitstreamRestriction = {
        maxNumReorderFrames,
        maxDecFrameBuffering: Math.max(maxDecFrameBuffering, fields.maxNumRefFrames),
      };
      expect(parseSps(after)).toEqual({ ...sps, vui: { ...vui, bitstreamRestriction } });
      expect(leadingBits(after, readSps(before).vuiFlagAt)).toBe(
        leadingBits(before, readSps(before).vuiFlagAt),
      );
    }),
  );
});

function leadingBits(nalUnit: Uint8Array, count: number): string {
  const reader = new BitReader(readSps(nalUnit).raw);
  return Array.from({ length: count }, () => (reader.flag('bit') ? '1' : '0')).join('');
}

test('any SPS with a byte changed is rewritten or refused', () => {
  fc.assert(
    fc.property(anySpsFields, fc.nat(), fc.nat(255), (fields, at, value) => {
      const sps = Uint8Array.from(writeSps(fields));
      sps[at % sps.length] = value;
      return parsesOrRefuses('FORMAT_H264_INVALID', () =>
        withBitstreamRestriction(sps, { maxNumReorderFrames: 0, maxDecFrameBuffering: 1 }),
      );
    }),
  );
});

test.each([
  ['vuiFlagAt', 0],
  ['restrictionFlagAt', 0],
  ['restrictionFlagAt', 2],
] as const)(
  'ffmpeg reads a rewritten SPS that ended at %s and decodes the same pictures, %i B pictures',
  (flag, bPictures) => {
    const parameters = 'nal-hrd=vbr:vbv-maxrate=4000:vbv-bufsize=4000:cqm=jvt';
    const profile = bPictures > 0 || flag === 'restrictionFlagAt' ? 'high' : 'main';
    const units = encodeX264({ width: 854, height: 480, profile, bPictures, pictures: 24, parameters });
    const original = Buffer.concat(units.map((unit) => unit.annexB));
    const rewrite = (nalUnit: Uint8Array) =>
      nalUnitType(nalUnit) === NAL_UNIT_TYPE.sps
        ? withBitstreamRestriction(endedAt(flag, nalUnit), {
            maxNumReorderFrames: bPictures,
            maxDecFrameBuffering: 4,
          })
        : nalUnit;
    const startCode = Uint8Array.of(0, 0, 0, 1);
    const rewritten = Buffer.concat(
      splitAnnexB(original).flatMap((nalUnit) => [startCode, rewrite(nalUnit)]),
    );
    const before = join(folder, 'before.h264');
    const after = join(folder, 'after.h264');
    writeFileSync(before, original);
    writeFileSync(after, rewritten);

    expect(decodedPictures(after)).toEqual(decodedPictures(before));
    const fields = ffmpegSpsFields(after);
    const changed = fields.findIndex((field) => field.startsWith(FIRST_CHANGED_FIELD[flag]));
    expect(fields.slice(0, changed)).toEqual(ffmpegSpsFields(before).slice(0, changed));
    expect(fields.slice(-9)).toEqual([
      'bitstream_restriction_flag=1',
      'motion_vectors_over_pic_boundaries_flag=1',
      'max_bytes_per_pic_denom=2',
      'max_bits_per_mb_denom=1',
      'log2_max_mv_length_horizontal=15',
      'log2_max_mv_length_vertical=15',
      `max_num_reorder_frames=${bPictures}`,
      'max_dec_frame_buffering=4',
      'rbsp_stop_one_bit=1',
    ]);
  },
);

const FIRST_CHANGED_FIELD = {
  vuiFlagAt: 'vui_parameters_present_flag',
  restrictionFlagAt: 'bitstream_restriction_flag',
} as const;

/** The fields of the first SPS, without its padding, as ffmpeg's own reader names them. */
function ffmpegSpsFields(file: string): string[] {
  const script = 'ffmpeg -nostdin -i "$0" -c copy -bsf:v trace_headers -f null - 2>&1';
  const lines = execFileSync('sh', ['-c', script, file]).toString().split('\n');
  const first = lines.findIndex((line) => line.includes('Sequence Parameter Set'));
  const end = lines.findIndex((line, index) => index > first && line.includes('rbsp_stop_one_bit'));
  const field = /\d+ +(\S+) +[01]+ = (-?\d+)$/;
  return lines.slice(first + 1, end + 1).map((line) => {
    const [, name, value] = field.exec(line) ?? [];
    return `${name}=${value}`;
  });
}
