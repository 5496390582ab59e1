import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Service } from '../test/support/service.ts';
import { VideoClient } from '../test/support/video-client.ts';
import { type Figure, ms, quantile } from './figure.ts';

const PICTURES = 300;

/** From the capture of a picture to its fragment in a client's socket, 1280×720 at 30 fps, software encoder. */
export async function pictureLatency(): Promise<Figure> {
  const samples = await ours();
  const reference = await ffmpegFragments();
  const [p50, p99, theirs] = [quantile(samples, 0.5), quantile(samples, 0.99), quantile(reference, 0.5)];
  return {
    what: 'picture → fragment in the client, 720p30',
    measured: `p50 ${ms(p50)}, p99 ${ms(p99)}`,
    budget: 'p50 ≤ 6 ms, p99 ≤ 15 ms',
    isMet: p50 <= 6 && p99 <= 15,
    reference: `ffmpeg's own fMP4: p50 ${ms(theirs)} (${(theirs / p50).toFixed(1)} times)`,
    values: { p50, p99, referenceP50: theirs },
  };
}

async function ours(): Promise<number[]> {
  await using service = await Service.start();
  using client = new VideoClient(service.videoUrl());
  await client.more(30);
  const from = client.fragments.length;
  await client.more(PICTURES);
  return client.fragments
    .slice(from)
    .map((fragment) => (fragment.arrivedWallUs - fragment.capturedWallUs) / 1000);
}

/** The same encoder settings with ffmpeg's mp4 muxer: from the picture's last byte written to its fragment. */
async function ffmpegFragments(): Promise<number[]> {
  const source = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=1280x720:r=30',
    '-frames:v',
    '15',
    '-pix_fmt',
    'nv12',
    '-f',
    'rawvideo',
    '-',
  ];
  const pictures = spawnSync('ffmpeg', ['-v', 'error', ...source], { maxBuffer: 1 << 26 }).stdout;
  const size = pictures.length / 15;
  const input = [
    '-f',
    'rawvideo',
    '-video_size',
    '1280x720',
    '-pix_fmt',
    'nv12',
    '-framerate',
    '30',
    '-i',
    'pipe:0',
  ];
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-profile:v',
    'baseline',
    '-g',
    '60',
  ];
  const output = [
    '-pix_fmt',
    'yuv420p',
    '-movflags',
    'empty_moov+default_base_moof+frag_every_frame',
    '-flush_packets',
    '1',
    '-f',
    'mp4',
    'pipe:1',
  ];
  const child = spawn('ffmpeg', ['-v', 'error', ...input, ...encode, ...output], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const writtenAt: number[] = [];
  const delays: number[] = [];
  child.stdout.on('data', (bytes: Buffer) => {
    for (let at = bytes.indexOf('moof'); at >= 0; at = bytes.indexOf('moof', at + 4)) {
      const written = writtenAt[delays.length];
      if (written !== undefined) delays.push(performance.now() - written);
    }
  });
  const startedAt = performance.now();
  for (let number = 0; number < 120; number += 1) {
    await sleep(Math.max(0, startedAt + number * (1000 / 30) - performance.now()));
    const at = (number % 15) * size;
    if (!child.stdin.write(pictures.subarray(at, at + size))) await once(child.stdin, 'drain');
    writtenAt.push(performance.now());
  }
  child.stdin.end();
  await once(child, 'exit');
  return delays.slice(30, 110);
}
