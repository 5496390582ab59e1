import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lengthPrefixedNalUnits, splitAnnexB } from '../../src/streams/formats/h264/index.ts';
import { findBox, readBoxes } from '../../src/streams/formats/isobmff/index.ts';
import { decode } from '../support/decode.ts';
import { eventually, type Service } from '../support/service.ts';
import { isInLab, type ListedCamera, useLab } from './support/lab.ts';
import { meanColour } from './support/mean-colour.ts';

// A device each: the driver does not always let a second program in once the first has been killed.
const RAW_NODE = '/dev/video10';
const H264_NODE = '/dev/video11';

/** A program plays a recorded clip into a device that the service reads: v4l2loopback. */
describe.skipIf(!isInLab)('recorded clips as cameras (v4l2loopback)', () => {
  const lab = useLab(() => ({
    streams: { stallTimeoutMs: 20_000, encoder: { codec: 'libx264', gopLength: 10 } },
  }));
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clips-'));
    await lab.run('modprobe', 'v4l2loopback', 'devices=2', 'video_nr=10,11', 'exclusive_caps=1,1');
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const record = async (name: string, ...args: readonly string[]): Promise<string> => {
    const file = join(folder, name);
    await lab.run('ffmpeg', '-v', 'error', '-nostdin', '-f', 'lavfi', ...args, file);
    return file;
  };

  /**
   * Plays a clip into a node for ever, and waits until the service lists it as a camera; the driver tells nobody that
   * it has become one.
   */
  const play = async (
    service: Service,
    clip: string,
    node: string,
    ...output: readonly string[]
  ): Promise<string> => {
    const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', clip];
    lab.spawn('ffmpeg', ...input, ...output, '-f', 'v4l2', node);
    const cameras = await eventually(
      async () => {
        const all = await service.json<ListedCamera[]>('/cameras/refresh', { method: 'POST' });
        return all.filter(({ nodes }) => nodes.includes(node));
      },
      ({ length }) => length === 1,
      `The service listing ${node}`,
    );
    expect(cameras[0]).toMatchObject({ kernelDriver: 'v4l2 loopback', bus: 'virtual' });
    return cameras[0]?.mxid ?? '';
  };

  test('a clip played as raw pictures is what readers see', async () => {
    const service = await lab.service();
    const clip = await record(
      'blue.mkv',
      '-i',
      'color=blue:s=320x240:r=10:d=2',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    );
    const mxid = await play(service, clip, RAW_NODE, '-pix_fmt', 'yuyv422');
    const client = lab.watch(service, mxid);
    await client.more(10);
    expect(await lab.stats(service, mxid)).toMatchObject({
      width: 320,
      height: 240,
      encoder: { codec: 'libx264' },
    });
    const [red, green, blue] = await meanColour(client.file);
    expect({ isBlue: blue > 200 && red < 50 && green < 50, red, green, blue }).toMatchObject({
      isBlue: true,
    });
    expect(decode(client.file)).toEqual({ pictures: client.fragments.length, complaints: '' });
  });

  test('a clip of H.264 is passed through untouched, without an encoder', async () => {
    const service = await lab.service();
    const clip = await record(
      'moving.ts', // a container that keeps the byte stream, and that ffmpeg can play again and again
      ...[
        '-i',
        'testsrc2=s=320x240:r=10:d=3',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-tune',
        'zerolatency',
      ],
      ...['-g', '10', '-profile:v', 'baseline'],
    );
    const coded = join(folder, 'moving.h264');
    await lab.run('ffmpeg', '-v', 'error', '-nostdin', '-i', clip, '-c', 'copy', coded);
    const mxid = await play(service, clip, H264_NODE, '-c', 'copy');
    const client = lab.watch(service, mxid);
    await client.more(30);
    const stats = await lab.stats(service, mxid);
    expect(stats).toMatchObject({ state: 'live', width: 320, height: 240 });
    expect(stats.encoder).toBeUndefined();
    expect(service.children()).toEqual([]);
    const digest = (nalUnit: Uint8Array) => createHash('sha256').update(nalUnit).digest('hex');
    const recorded = new Set(splitAnnexB(await readFile(coded)).map(digest));
    const received = client.fragments.flatMap(({ bytes }) => {
      const mdat = findBox(readBoxes(bytes), 'mdat');
      return mdat === undefined ? [] : [...lengthPrefixedNalUnits(mdat.body)].map(digest);
    });
    expect(received.length).toBeGreaterThanOrEqual(30);
    expect(received.filter((nalUnit) => !recorded.has(nalUnit))).toEqual([]);
    expect(decode(client.file).complaints).toBe('');
  });
});
