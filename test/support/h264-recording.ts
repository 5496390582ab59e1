import { spawn } from 'node:child_process';
import { childBoxes, messageBox } from '../../web-player/player/box.ts';
import { type Fragment, readFragment } from '../../web-player/player/fragment.ts';
import { type InitSegment, readInitSegment } from '../../web-player/player/init-segment.ts';

/** Real x264 output, cut into an init segment and one fragment per access unit. */
export interface H264Recording {
  readonly init: InitSegment;
  readonly fragments: readonly Fragment[];
  readonly frameRate: number;
}

export interface RecordingRequest {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly seconds: number;
  /** Access units from one sync sample to the next. The recording holds whole groups. */
  readonly gop: number;
}

/** Encodes ffmpeg's moving test picture as the service's encoder does: ultrafast, zerolatency, closed groups. */
export async function recordH264(request: RecordingRequest): Promise<H264Recording> {
  const { width, height, frameRate, seconds, gop } = request;
  const child = spawn(
    'ffmpeg',
    [
      ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${frameRate}`],
      ['-t', `${seconds}`, '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast'],
      ['-tune', 'zerolatency', '-g', `${gop}`, '-sc_threshold', '0', '-video_track_timescale', '90000'],
      ['-movflags', '+empty_moov+default_base_moof+frag_every_frame', '-f', 'mp4', 'pipe:1'],
    ].flat(),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(part);
  return { ...cutIntoSegments(Buffer.concat(parts)), frameRate };
}

function cutIntoSegments(file: Uint8Array): Pick<H264Recording, 'init' | 'fragments'> {
  const boxes = childBoxes(messageBox(file));
  const starts = boxes.filter((box) => box.type === 'moof').map((box) => box.offset);
  const mediaEnd = boxes.findLast((box) => box.type === 'mdat')?.end ?? file.byteLength;
  // A copy each, so that every segment owns its buffer as a WebSocket message does.
  const init = readInitSegment(messageBox(file.slice(0, starts[0])));
  const fragments = starts.map((start, index) =>
    readFragment(messageBox(file.slice(start, starts[index + 1] ?? mediaEnd)), init),
  );
  return { init, fragments };
}
