import { execFileSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import type { CodecConfig, CodedUnit } from '../../../media/coded.ts';
import { splitAnnexB } from '../../../streams/formats/h264/index.ts';
import { H264Units } from './h264-units.ts';

const GOP = 5;
const START_CODE = [0, 0, 0, 1];
const DELIMITER = 9;

/** Access units in Annex B form, as a camera delivers them: parameter sets before every IDR picture. */
let recording: Uint8Array[] = [];

beforeAll(() => {
  const bytes = execFileSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=160x96:r=10', '-frames:v', '15'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', `${GOP}`],
      ...['-bsf:v', 'h264_metadata=aud=insert', '-f', 'h264', '-'],
    ],
    { maxBuffer: 1 << 24 },
  );
  for (const nalUnit of splitAnnexB(bytes)) {
    if (((nalUnit[0] ?? 0) & 31) === DELIMITER) recording = [...recording, new Uint8Array()];
    const last = recording.pop() ?? new Uint8Array();
    recording.push(Uint8Array.from([...last, ...START_CODE, ...nalUnit]));
  }
});

function listen() {
  const configs: CodecConfig[] = [];
  const received: CodedUnit[] = [];
  const units = new H264Units({
    onConfig: (config) => configs.push(config),
    onUnit: (unit) => received.push(unit),
  });
  const push = (index: number, { hasGap = false, capturedUs = index * 100_000 } = {}) =>
    units.push({ data: recording[index] ?? new Uint8Array(), capturedUs, hasGap });
  return { configs, received, units, push };
}

test('every picture becomes an access unit, behind one configuration', () => {
  const { configs, received, units, push } = listen();
  for (const index of recording.keys()) push(index);
  expect(configs).toMatchObject([{ codec: 'h264', width: 160, height: 96 }]);
  expect(received.map(({ isSync }) => isSync)).toEqual(recording.map((_, index) => index % GOP === 0));
  expect(received.map(({ ptsUs }) => ptsUs)).toEqual(recording.map((_, index) => index * 100_000));
  expect(units.dropped).toBe(0);
});

test('pictures before the first configuration are left out', () => {
  const { received, units, push } = listen();
  for (let index = 2; index < 8; index++) push(index);
  expect(received.map(({ ptsUs }) => ptsUs)).toEqual([500_000, 600_000, 700_000]);
  expect(units.dropped).toBe(3);
});

test('after a gap the next picture is a sync picture', () => {
  const { received, units, push } = listen();
  for (const index of [0, 1, 3, 4, 5, 6]) push(index, { hasGap: index === 3 });
  expect(received.map(({ ptsUs }) => ptsUs)).toEqual([0, 100_000, 500_000, 600_000]);
  expect(units.dropped).toBe(2);
});

test('bytes that are no access unit count as a gap', () => {
  const { received, units, push } = listen();
  push(0);
  units.push({ data: Uint8Array.from([1, 2, 3, 4]), capturedUs: 1, hasGap: false });
  push(1);
  push(5);
  expect(received.map(({ isSync }) => isSync)).toEqual([true, true]);
  expect(units.dropped).toBe(2);
});

test('times always grow, even where the capture clock stands still', () => {
  const { received, push } = listen();
  for (const index of [0, 1, 2]) push(index, { capturedUs: 700 });
  expect(received.map(({ dtsUs }) => dtsUs)).toEqual([700, 701, 702]);
});
