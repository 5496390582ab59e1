import { spawnSync } from 'node:child_process';

/** Otherwise ffmpeg rounds times to a frame rate that it guesses, and complains of pictures that are closer. */
const TIMES_AS_THEY_ARE = ['-fps_mode', 'passthrough', '-enc_time_base', '1/90000'];

/** What ffmpeg says about a file when it decodes it to the end: warnings, and how many pictures came out. */
export function decode(file: Buffer): { readonly pictures: number; readonly complaints: string } {
  const run = spawnSync(
    'ffmpeg',
    ['-v', 'warning', '-progress', 'pipe:1', '-i', 'pipe:0', ...TIMES_AS_THEY_ARE, '-f', 'null', '-'],
    { input: file, maxBuffer: 1 << 26 },
  );
  const counts = [...run.stdout.toString().matchAll(/^frame=\s*(\d+)/gm)];
  return { pictures: Number(counts.at(-1)?.[1] ?? 0), complaints: run.stderr.toString() };
}
