import type { ChildProcesses } from '../../../core/child-process.ts';
import { runProgram } from '../../../core/run-program.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import { nutFramePrefix, nutHeader } from '../../formats/nut/index.ts';
import type { EncoderSettings } from '../encoder.ts';
import { encodeArguments } from './arguments.ts';
import { H264Output } from './h264-output.ts';

const TRIAL_TIMEOUT_MS = 3000;
const MAX_OUTPUT_BYTES = 4 << 20;
const PICTURES = 8;
const FORMAT: PictureFormat = {
  pixelFormat: 'NV12',
  width: 640,
  height: 480,
  frameInterval: { numerator: 1, denominator: 30 },
};
const SETTINGS: Omit<EncoderSettings, 'codec'> = {
  bitrateKbps: 0,
  quality: 23,
  gopLength: 4,
  preset: 'ultrafast',
  profile: 'baseline',
};

/** A few grey pictures of changing brightness. */
function pictures(): Uint8Array[] {
  const size = FORMAT.width * FORMAT.height * 1.5;
  const frames = Array.from({ length: PICTURES }, (_, index) => [
    nutFramePrefix(index * 33_333, size),
    Buffer.alloc(size, 64 + index * 16),
  ]);
  return [nutHeader(FORMAT), ...frames.flat()];
}

/**
 * Encodes a few pictures with an encoder, the way it would be used.
 * @returns whether the pictures came out, the first as a sync sample.
 * @throws the signal's reason when it was aborted.
 */
export async function passesTrial(
  codec: string,
  options: {
    readonly path: string;
    readonly processes: ChildProcesses;
    readonly renderNode: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { path, processes, renderNode, signal } = options;
  const args = encodeArguments(FORMAT, codec, { ...SETTINGS, codec }, renderNode);
  const limits = { timeoutMs: TRIAL_TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES, signal };
  const units: boolean[] = [];
  try {
    const { output } = await runProgram(processes, path, args, { ...limits, input: pictures() });
    const reader = new H264Output({ onConfig: () => {}, onUnit: ({ isSync }) => units.push(isSync) });
    reader.push(output);
  } catch {
    signal.throwIfAborted();
    return false; // too slow, or its output cannot be read
  }
  return units.length === PICTURES && units[0] === true;
}
