import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFile, MP4BoxBuffer, type Sample } from 'mp4box';
import { afterAll, describe, expect, test } from 'vitest';
import {
  decodedPictures,
  encodeX264,
  ffmpeg,
  ffprobePackets,
  X264_PICTURE_TICKS,
  type X264Unit,
} from '../../../../test/support/x264.ts';
import type { AccessUnit, H264Config } from '../../../media/coded.ts';
import { accessUnitFromAnnexB, codecConfig } from '../h264/index.ts';
import { fragment, initSegment } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'fmp4-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A stream joined late and long after its start: tfdt needs its 64 bits. */
const FIRST_DTS_TICKS = 2 ** 33 + 1;

interface Recording {
  readonly config: H264Config;
  readonly units: readonly AccessUnit[];
  /** Init segment and all fragments. */
  readonly bytes: Buffer;
}

function mux(coded: readonly X264Unit[]): Recording {
  const parts = coded.map((unit) => accessUnitFromAnnexB(unit.annexB));
  const config = codecConfig(parts[0]?.sps ?? [], parts[0]?.pps ?? []);
  const track = { id: 1, timescale: 90_000, epoch: 1, config };
  const units = parts.map(({ data, isSync }, index) => ({
    track,
    data,
    isSync,
    ptsTicks: FIRST_DTS_TICKS + (coded[index]?.ptsTicks ?? 0),
    dtsTicks: FIRST_DTS_TICKS + (coded[index]?.dtsTicks ?? 0),
    durationTicks: X264_PICTURE_TICKS,
    sequence: index + 1,
    capturedUs: index * 33_333,
    capturedWallUs: 1_800_000_000_000_000 + index * 33_333,
  }));
  return { config, units, bytes: Buffer.concat([initSegment([track]), ...units.map(fragment)]) };
}

function readWithMp4box(bytes: Uint8Array) {
  const file = createFile();
  const samples: Sample[] = [];
  const seen: { codec?: string; width?: number; height?: number; timescale?: number; errors: string[] } = {
    errors: [],
  };
  file.onError = (module, message) => seen.errors.push(`${module}: ${message}`);
  file.onReady = ({ tracks: [track] }) => {
    if (track === undefined) return;
    Object.assign(seen, { codec: track.codec, timescale: track.timescale, ...track.video });
    file.setExtractionOptions(track.id, undefined, { nbSamples: 1 });
    file.start();
  };
  file.onSamples = (_id, _user, batch) => samples.push(...batch);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(Uint8Array.from(bytes).buffer, 0));
  file.flush();
  return { ...seen, samples };
}

describe.each([
  ['baseline', 0, 640, 360],
  ['main', 0, 854, 480],
  ['main', 2, 1366, 768],
  ['high', 0, 1366, 768],
  ['high', 2, 854, 480],
] as const)('x264 %s with %i B pictures, %ix%i', (profile, bPictures, width, height) => {
  const name = join(folder, `${profile}-${bPictures}-${width}x${height}`);
  const coded = encodeX264({ profile, bPictures, width, height, pictures: 25 });
  const { config, units, bytes } = mux(coded);
  const file = `${name}.mp4`;
  writeFileSync(file, bytes);

  test('ffprobe finds every sample with its times, size and sync mark', () => {
    expect(ffprobePackets(file)).toEqual(
      units.map(({ ptsTicks, dtsTicks, data, isSync }) => ({
        pts: ptsTicks,
        dts: dtsTicks,
        size: data.length,
        isSync,
      })),
    );
  });

  test('ffmpeg decodes it without a warning, to the pictures x264 encoded', () => {
    const raw = `${name}.h264`;
    writeFileSync(raw, Buffer.concat(coded.map((unit) => unit.annexB)));
    expect(ffmpeg(['-i', file, '-f', 'null', '-'])).toHaveLength(0);
    expect(decodedPictures(file)).toHaveLength(25);
    expect(decodedPictures(file)).toEqual(decodedPictures(raw));
  });

  test('mp4box.js agrees on codec string, size and samples', () => {
    const { samples, ...seen } = readWithMp4box(bytes);
    expect(seen).toEqual({
      codec: config.codecString.toLowerCase(),
      width,
      height,
      timescale: 90_000,
      errors: [],
    });
    expect(
      samples.map(({ cts, dts, duration, size, is_sync }) => ({ cts, dts, duration, size, is_sync })),
    ).toEqual(
      units.map((unit) => ({
        cts: unit.ptsTicks,
        dts: unit.dtsTicks,
        duration: unit.durationTicks,
        size: unit.data.length,
        is_sync: unit.isSync,
      })),
    );
    expect(
      samples.every(
        ({ data }, index) =>
          Buffer.compare(data ?? new Uint8Array(), units[index]?.data ?? new Uint8Array()) === 0,
      ),
    ).toBe(true);
  });
});
