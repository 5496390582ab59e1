import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NAL_UNIT_TYPE, nalUnitType, splitAnnexB } from '../../src/streams/formats/h264/index.ts';

export interface X264Request {
  readonly width: number;
  readonly height: number;
  readonly profile: 'baseline' | 'main' | 'high';
  /** Consecutive B pictures, 0 to 2. */
  readonly bPictures: number;
  readonly pictures: number;
  /** Further libx264 parameters, such as `nal-hrd=cbr`. */
  readonly parameters?: string;
  /** ffmpeg filter, such as `setsar=4/3`. */
  readonly filter?: string;
}

/** One access unit as x264 wrote it, with the times ffmpeg gave it. */
export interface X264Unit {
  /** Byte stream, from its access unit delimiter on. */
  readonly annexB: Uint8Array;
  /** In 1/90000 s; the first unit decodes at 0. */
  readonly ptsTicks: number;
  readonly dtsTicks: number;
}

/** Duration of one of its pictures: 30 a second. */
export const X264_PICTURE_TICKS = 3000;

/** Encodes ffmpeg's moving test picture with real x264, a sync sample every 10 pictures. */
export function encodeX264(request: X264Request): X264Unit[] {
  const { width, height, profile, bPictures, pictures, parameters = '', filter = 'null' } = request;
  const folder = mkdtempSync(join(tmpdir(), 'x264-'));
  try {
    const raw = join(folder, 'raw.h264');
    const timed = join(folder, 'timed.ts');
    const x264 = ['aud=1', 'slices=1', 'scenecut=0', 'threads=1', ...(parameters ? [parameters] : [])];
    ffmpeg(
      ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=30`, '-frames:v', `${pictures}`],
      ['-vf', filter, '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', profile],
      ['-bf', `${bPictures}`, '-g', '10', '-x264-params', x264.join(':'), '-map', '0:v'],
      ['-f', 'tee', `[f=h264]${raw}|[f=mpegts]${timed}`],
    );
    const times = ffprobePackets(timed);
    const units = intoAccessUnits(readFileSync(raw));
    if (times.length !== units.length) throw new Error(`${units.length} units, ${times.length} packets`);
    const origin = times[0]?.dts ?? 0;
    return times.map(({ pts, dts }, index) => ({
      annexB: units[index] ?? new Uint8Array(),
      ptsTicks: pts - origin,
      dtsTicks: dts - origin,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs ffmpeg and gives what it wrote to its standard output. Fails on its exit code and on any warning. */
export function ffmpeg(...args: readonly (readonly string[])[]): Buffer {
  const all = ['-v', 'warning', '-nostdin', '-y', ...args.flat()];
  const { status, stdout, stderr } = spawnSync('ffmpeg', all, { maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0 || stderr.length > 0) throw new Error(`ffmpeg ${all.join(' ')}: ${status}, ${stderr}`);
  return stdout;
}

/** The packets of a file's video, as ffprobe sees them: times in the stream's ticks. */
export function ffprobePackets(file: string): { pts: number; dts: number; size: number; isSync: boolean }[] {
  const args = ['-v', 'warning', '-select_streams', 'v', '-show_packets', '-of', 'json', file];
  const output: unknown = JSON.parse(execFileSync('ffprobe', args).toString());
  // ffprobe's documented JSON.
  const { packets } = output as { packets: { pts: number; dts: number; size: string; flags: string }[] };
  return packets.map(({ pts, dts, size, flags }) => ({
    pts,
    dts,
    size: Number(size),
    isSync: flags.startsWith('K'),
  }));
}

/** Hashes of the decoded pictures in output order. Fails when the decoder warns. */
export function decodedPictures(file: string): string[] {
  const lines = ffmpeg(['-i', file, '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'])
    .toString()
    .split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');
}

function intoAccessUnits(stream: Uint8Array): Uint8Array[] {
  const nalUnits = splitAnnexB(stream);
  const starts = nalUnits
    .filter((nalUnit) => nalUnitType(nalUnit) === NAL_UNIT_TYPE.accessUnitDelimiter)
    .map((nalUnit) => nalUnit.byteOffset - stream.byteOffset - 4);
  return starts.map((start, index) => stream.subarray(start, starts[index + 1]));
}
