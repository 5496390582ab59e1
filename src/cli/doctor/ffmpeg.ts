import { AppError } from '../../core/app-error.ts';
import { ChildProcesses } from '../../core/child-process.ts';
import { H264Encoders, probeFfmpeg } from '../../streams/encoders/ffmpeg/index.ts';
import type { Finding } from './finding.ts';

/**
 * The program and what it can encode with on this machine; every hardware encoder gets its trial.
 * @param wanted the encoders that the configuration names.
 */
export async function checkFfmpeg(path: string, wanted: readonly string[]): Promise<Finding[]> {
  const processes = new ChildProcesses();
  const { signal } = new AbortController();
  try {
    const ffmpeg = await probeFfmpeg(path, { processes, signal });
    const encoders = new H264Encoders(ffmpeg, { processes, signal });
    await encoders.tried;
    const [best, ...others] = encoders.working;
    const program: Finding = { check: 'ffmpeg', status: 'ok', detail: `${ffmpeg.path} ${ffmpeg.version}` };
    if (best === undefined) {
      const detail = `none of ${ffmpeg.h264Encoders.join(', ')} works here`;
      const advice = 'Install an ffmpeg with libx264: sudo apt-get install ffmpeg';
      return [program, { check: 'H.264 encoder', status: 'fail', detail, advice }];
    }
    const rest = others.length === 0 ? '' : `; also ${others.join(', ')}`;
    const found: Finding = { check: 'H.264 encoder', status: 'ok', detail: `${best}${rest}` };
    return [program, found, ...unusable(wanted, encoders.working)];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const advice = 'Install it: sudo apt-get install ffmpeg; or set ffmpeg.path in the configuration';
    return [{ check: 'ffmpeg', status: 'fail', detail: error.message, advice }];
  } finally {
    await processes[Symbol.asyncDispose]();
  }
}

/** What the configuration names and this machine cannot do. */
function unusable(wanted: readonly string[], working: readonly string[]): Finding[] {
  return wanted
    .filter((codec) => codec !== 'auto' && !working.includes(codec))
    .map((codec) => ({
      check: `encoder ${codec}`,
      status: 'fail',
      detail: 'named in the configuration, and does not work here',
      advice: `Set the encoder's codec to auto, or to one of ${working.join(', ')}`,
    }));
}
