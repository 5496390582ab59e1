import { readdirSync } from 'node:fs';
import type { ChildProcesses } from '../../../core/child-process.ts';
import { runProgram } from '../../../core/run-program.ts';
import { ffmpegNoH264, ffmpegNotFound, ffmpegTooOld } from '../errors.ts';

/** Oldest version the arguments are written for. */
const OLDEST = { major: 5, minor: 1 };
/** Far more than it takes: a board that boots is busy, and a wrong refusal keeps the service from starting. */
const CHECK_TIMEOUT_MS = 30_000;
const MAX_LISTING_BYTES = 1 << 20;

/** What an ffmpeg program says about itself. */
export interface FfmpegCapabilities {
  readonly path: string;
  /** As it prints it: `5.1.9-0+deb12u1`, `n7.1`, `N-118193-g5f38c82536`. */
  readonly version: string;
  /** Its H.264 encoders by name, whether this machine can use them or not. */
  readonly h264Encoders: readonly string[];
}

/**
 * The version in the first line of `ffmpeg -version`.
 * @returns undefined when there is none. Builds from a git checkout have no number (`N-118193-…`): `release` is
 * then undefined, and they are taken to be new.
 */
export function parseVersion(
  output: string,
): { text: string; release?: { major: number; minor: number } } | undefined {
  const text = /^ffmpeg version (\S+)/m.exec(output)?.[1];
  if (text === undefined) return undefined;
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return { text };
  return { text, release: { major: Number(major), minor: Number(minor) } };
}

/** Names of the H.264 encoders in the listing of `ffmpeg -encoders`. */
export function parseH264Encoders(output: string): string[] {
  return [...output.matchAll(/^ V\S* (\S+) .*\(codec h264\)$/gm)].map((match) => match[1] ?? '');
}

/**
 * Asks an ffmpeg program what it is; takes about as long as starting it once.
 * @throws AppError FFMPEG_NOT_FOUND, FFMPEG_TOO_OLD, FFMPEG_NO_H264; the signal's reason when it was aborted.
 */
export async function probeFfmpeg(
  path: string,
  { processes, signal }: { readonly processes: ChildProcesses; readonly signal: AbortSignal },
): Promise<FfmpegCapabilities> {
  const ask = async (question: string) => {
    const limits = { timeoutMs: CHECK_TIMEOUT_MS, maxOutputBytes: MAX_LISTING_BYTES, signal };
    const { output } = await runProgram(processes, path, ['-hide_banner', question], limits);
    return output.toString();
  };
  const [versionOutput, encodersOutput] = await Promise.all([ask('-version'), ask('-encoders')]).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      throw ffmpegNotFound(path, cause);
    },
  );
  const version = parseVersion(versionOutput);
  if (version === undefined) throw ffmpegNotFound(path, 'it does not say its version.');
  const { major, minor } = version.release ?? OLDEST;
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
    throw ffmpegTooOld(path, version.text, `${OLDEST.major}.${OLDEST.minor}`);
  }
  const h264Encoders = parseH264Encoders(encodersOutput);
  if (h264Encoders.length === 0) throw ffmpegNoH264(path);
  return { path, version: version.text, h264Encoders };
}

/** Hardware encoders in order of preference, each with the device file that shows its hardware. */
const HARDWARE: readonly { readonly codec: string; readonly device: RegExp }[] = [
  { codec: 'h264_nvenc', device: /^nvidia\d+$/ },
  { codec: 'h264_qsv', device: /^dri\/renderD\d+$/ },
  { codec: 'h264_vaapi', device: /^dri\/renderD\d+$/ },
  { codec: 'h264_rkmpp', device: /^mpp_service$/ },
  // Any of them may be a memory-to-memory encoder; ffmpeg looks for it itself.
  { codec: 'h264_v4l2m2m', device: /^video\d+$/ },
];

/** Names of the device files that hardware encoders use, relative to /dev. */
export function deviceFiles(): string[] {
  const list = (folder: string) => {
    try {
      return readdirSync(`/dev/${folder}`);
    } catch {
      return []; // no such folder: no such hardware
    }
  };
  return [...list(''), ...list('dri').map((name) => `dri/${name}`)];
}

/** Hardware encoders that ffmpeg has and whose device is there, best first. Whether they work, a trial tells. */
export function hardwareCandidates(h264Encoders: readonly string[], devices: readonly string[]): string[] {
  return HARDWARE.filter(
    ({ codec, device }) => h264Encoders.includes(codec) && devices.some((name) => device.test(name)),
  ).map(({ codec }) => codec);
}

/** The device file VA-API is opened with. */
export function renderNode(devices: readonly string[]): string | undefined {
  const [first] = devices.filter((name) => /^dri\/renderD\d+$/.test(name)).sort();
  return first === undefined ? undefined : `/dev/${first}`;
}
