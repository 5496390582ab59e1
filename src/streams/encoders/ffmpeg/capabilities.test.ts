import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ChildProcesses } from '../../../core/child-process.ts';
import {
  hardwareCandidates,
  parseH264Encoders,
  parseVersion,
  probeFfmpeg,
  renderNode,
} from './capabilities.ts';
import { H264Encoders } from './h264-encoders.ts';
import { passesTrial } from './trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'ffmpeg-'));
const processes = new ChildProcesses();
const { signal } = new AbortController();
const options = { processes, signal };
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await processes[Symbol.asyncDispose]();
});

/** A program that answers like an ffmpeg of that version with those encoders. */
function pretend(version: string, encoders: readonly string[]): string {
  const file = join(folder, `ffmpeg-${version}-${encoders.join('-')}`);
  const listing = encoders.map((name) => ` V....D ${name.padEnd(20)} some words (codec h264)`).join('\n');
  writeFileSync(
    file,
    `#!/bin/sh\ncase "$2" in\n-version) echo "ffmpeg version ${version} Copyright";;\n*) echo "${listing}";;\nesac\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

test.each([
  ['ffmpeg version 5.1.9-0+deb12u1 Copyright', { text: '5.1.9-0+deb12u1', release: { major: 5, minor: 1 } }],
  ['ffmpeg version n7.1 Copyright', { text: 'n7.1', release: { major: 7, minor: 1 } }],
  ['ffmpeg version N-118193-g5f38c82536 Copyright', { text: 'N-118193-g5f38c82536' }],
  ['something else', undefined],
])('the version of "%s" is read', (line, expected) => {
  expect(parseVersion(line)).toEqual(expected);
});

test('H.264 encoders are found in the listing, others are not', () => {
  const listing = [
    ' V..... = Video',
    ' V....D libx264              libx264 H.264 / AVC / MPEG-4 AVC (codec h264)',
    ' V..... h264_v4l2m2m         V4L2 mem2mem H.264 encoder wrapper (codec h264)',
    ' V....D libx265              libx265 H.265 / HEVC (codec hevc)',
    ' A....D aac                  AAC (Advanced Audio Coding)',
  ].join('\n');
  expect(parseH264Encoders(listing)).toEqual(['libx264', 'h264_v4l2m2m']);
});

test("this machine's ffmpeg says its version and encoders in the time of one start", async () => {
  const startedMs = performance.now();
  const capabilities = await probeFfmpeg('ffmpeg', options);
  expect(capabilities.h264Encoders).toContain('libx264');
  expect(capabilities.version).toMatch(/^\d+\.\d+/);
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test.each([
  ['a missing program', '/nowhere/ffmpeg', 'FFMPEG_NOT_FOUND', /apt-get install ffmpeg/],
  ['another program', 'true', 'FFMPEG_NOT_FOUND', /version/],
  ['an old version', pretend('4.4.2', ['libx264']), 'FFMPEG_TOO_OLD', /4\.4\.2.*5\.1/],
  ['a build without H.264', pretend('6.1', []), 'FFMPEG_NO_H264', /libx264/],
])('%s is refused with what was seen and what to do', async (_, path, code, message) => {
  await expect(probeFfmpeg(path, options)).rejects.toMatchObject({
    code,
    kind: 'unavailable',
    message: expect.stringMatching(message),
  });
});

test('an aborted check ends with the reason', async () => {
  const abort = new AbortController();
  const check = probeFfmpeg('ffmpeg', { processes, signal: abort.signal });
  abort.abort(new Error('stop'));
  await expect(check).rejects.toThrow('stop');
});

test.each([
  ['nothing', [], []],
  ['graphics', ['dri/card0', 'dri/renderD128'], ['h264_qsv', 'h264_vaapi']],
  ['NVIDIA', ['nvidiactl', 'nvidia0'], ['h264_nvenc']],
  ['a board with video nodes', ['video0', 'video11'], ['h264_v4l2m2m']],
  ['Rockchip, which this build does not know', ['mpp_service'], []],
])('with %s in /dev the hardware encoders to try are %j', (_, devices, expected) => {
  const encoders = ['libx264', 'h264_v4l2m2m', 'h264_vaapi', 'h264_qsv', 'h264_nvenc'];
  expect(hardwareCandidates(encoders, devices)).toEqual(expected);
});

test('the first render node is taken for VA-API', () => {
  expect(renderNode(['dri/renderD129', 'dri/renderD128', 'dri/card0'])).toBe('/dev/dri/renderD128');
  expect(renderNode(['video0'])).toBeUndefined();
});

test('an encoder that works passes its trial, one without hardware does not', async () => {
  const trial = { ...options, path: 'ffmpeg', renderNode: undefined };
  expect(await passesTrial('libx264', trial)).toBe(true);
  expect(await passesTrial('h264_vaapi', trial)).toBe(false);
});

test('hardware that fails its trial leaves software as the choice', async () => {
  const encoders = new H264Encoders(await probeFfmpeg('ffmpeg', options), {
    ...options,
    devices: ['dri/renderD128', 'nvidia0', 'video0'],
  });
  expect(encoders.choose('auto')).toBe('libx264'); // before the trials are over
  await encoders.tried;
  expect(encoders.working).toEqual(['libx264']);
  expect(encoders.choose('auto')).toBe('libx264');
});

test('hardware that passes its trial is preferred to software', async () => {
  // A stand-in for a machine with a GPU: every encoder it is asked for is libx264.
  const path = join(folder, 'ffmpeg-with-gpu');
  writeFileSync(
    path,
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the shell's
    [
      '#!/bin/bash',
      'args=(); skip=',
      'for a in "$@"; do case "$a" in',
      '  -vaapi_device|-async_depth|-rc_mode|-qp|-profile:v) skip=1;;',
      '  *) if [ -n "$skip" ]; then skip=; else args+=("${a/format=nv12,hwupload/format=nv12}"); fi;;',
      'esac; done',
      'exec ffmpeg "${args[@]/h264_vaapi/libx264}"',
    ].join('\n'),
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
  );
  chmodSync(path, 0o755);
  const capabilities = { path, version: '7.1', h264Encoders: ['h264_vaapi', 'libx264'] };
  const encoders = new H264Encoders(capabilities, { ...options, devices: ['dri/renderD128'] });
  await encoders.tried;
  expect(encoders.working).toEqual(['h264_vaapi', 'libx264']);
  expect(encoders.choose('auto')).toBe('h264_vaapi');
});

test('without any encoder that works, the refusal lists what there is', () => {
  const capabilities = { path: 'ffmpeg', version: '7.1', h264Encoders: ['h264_vaapi'] };
  const encoders = new H264Encoders(capabilities, { ...options, devices: [] });
  expect(() => encoders.choose('auto')).toThrow(
    expect.objectContaining({ code: 'ENCODER_UNAVAILABLE', message: expect.stringContaining('h264_vaapi') }),
  );
});
