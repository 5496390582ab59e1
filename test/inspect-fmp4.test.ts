import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { accessUnitFromAnnexB, codecConfig } from '../src/streams/formats/h264/index.ts';
import { fragment, initSegment } from '../src/streams/formats/isobmff/index.ts';
import { encodeX264 } from './support/x264.ts';

const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

function inspect(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/inspect-fmp4.ts', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

function recording(): Buffer {
  const [coded] = encodeX264({ width: 854, height: 480, profile: 'high', bPictures: 0, pictures: 1 });
  const { sps, pps, data, isSync } = accessUnitFromAnnexB(coded?.annexB ?? new Uint8Array());
  const track = { id: 1, timescale: 90_000, epoch: 1, config: codecConfig(sps, pps) };
  const unit = {
    ...{ track, data, isSync, sequence: 7, durationTicks: 3000, dtsTicks: 2 ** 33, ptsTicks: 2 ** 33 + 10 },
    capturedUs: 6,
    capturedWallUs: Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 6,
  };
  return Buffer.concat([initSegment([track]), fragment(unit)]);
}

test('it prints the boxes of a recorded stream with their values', () => {
  const file = join(folder, 'stream.mp4');
  writeFileSync(file, recording());
  const { status, stdout, stderr } = inspect(file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const text of [
    'ftyp 28 "iso5"',
    'avc1.64001F length_bytes=4 sps=[profile=100 level=31 size=854x480 reorder=0] pps=1',
    'prft 32 version=1 flags=24 referenceTrackId=1 mediaTime=8589934602 wall=2026-01-02T03:04:05.000Z',
    'mfhd 16 sequence_number=7',
    'tfdt 20 version=1 baseMediaDecodeTime=8589934592',
    'duration=3000 size=',
    'compositionTimeOffset=10 flags=0x02000000',
  ]) {
    expect(stdout).toContain(text);
  }
});

test('a file cut off is printed up to there and refused', () => {
  const file = join(folder, 'cut.mp4');
  writeFileSync(file, recording().subarray(0, -1));
  const { status, stdout, stderr } = inspect(file);
  expect(status).toBe(1);
  expect(stdout).toContain('moof');
  expect(stderr).toContain('Invalid ISO BMFF');
});

test('help and wrong arguments explain how it is used', () => {
  expect(inspect('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage:') });
  expect(inspect()).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage:') });
  expect(inspect('--wrong')).toMatchObject({ status: 2 });
});
