import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../../core/app-error.ts';
import { NutDemuxer, type NutPacket } from './demuxer.ts';
import type { StreamHeader } from './headers.ts';
import { nutFramePrefix, nutHeader } from './muxer.ts';
import { FILE_ID } from './start-codes.ts';

function encode(...output: string[]): Buffer {
  return execFileSync(
    'ffmpeg',
    ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30', '-frames:v', '40', ...output],
    { maxBuffer: 1 << 26 },
  );
}

const WITH_B_FRAMES = encode(
  ...[
    '-c:v',
    'libx264',
    '-bf',
    '2',
    '-g',
    '10',
    '-pix_fmt',
    'yuv420p',
    '-f',
    'nut',
    '-write_index',
    '0',
    'pipe:1',
  ],
);
/** MPEG-4 pictures start alike, so that ffmpeg leaves their first bytes out and names an elision header. */
const WITH_ELISION = encode('-c:v', 'mpeg4', '-g', '5', '-f', 'nut', 'pipe:1');

interface Read {
  readonly streams: StreamHeader[];
  readonly packets: NutPacket[];
}

function read(chunks: Iterable<Uint8Array>, maxPacketBytes?: number): Read {
  const streams: StreamHeader[] = [];
  const packets: NutPacket[] = [];
  const demuxer = new NutDemuxer(
    { onStream: (stream) => streams.push(stream), onPacket: (packet) => packets.push(packet) },
    maxPacketBytes === undefined ? {} : { maxPacketBytes },
  );
  for (const chunk of chunks) demuxer.push(chunk);
  return { streams, packets };
}

/** What ffprobe finds in the same bytes: time, size, key flag and MD5 of each packet. */
function expected(stream: Buffer) {
  const csv = execFileSync(
    'ffprobe',
    [
      ...['-v', 'error', '-f', 'nut', '-i', 'pipe:0', '-show_data_hash', 'md5'],
      ...['-show_entries', 'packet=pts,size,flags,data_hash', '-of', 'csv=print_section=0'],
    ],
    { input: stream, encoding: 'utf8' },
  );
  return csv.trim().split('\n');
}

/** The same of what was read. */
function summary({ streams, packets }: Read) {
  const lines = packets.map(({ pts, data, isKey }) => {
    const hash = createHash('md5').update(data).digest('hex');
    return `${pts},${data.length},${isKey ? 'K' : '_'}_,MD5:${hash}`;
  });
  return { streams: streams.length, lines };
}

/** Cuts a buffer at the given places. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % stream.length))].sort((a, b) => a - b);
  return [...ends, stream.length].map((end, index) => stream.subarray(ends[index - 1] ?? 0, end));
}

test.each([
  ['reordered H.264', WITH_B_FRAMES],
  ['MPEG-4 with elision headers and an index', WITH_ELISION],
])('the packets of %s are those ffprobe finds', (_, stream) => {
  expect(summary(read([stream])).lines).toEqual(expected(stream));
});

test('the stream header says codec, size, time base, delay and extradata', () => {
  const [h264] = read([WITH_B_FRAMES]).streams;
  expect(h264).toMatchObject({
    streamIndex: 0,
    fourcc: 'H264',
    width: 320,
    height: 240,
    decodeDelay: 2,
  });
  expect(Buffer.from(h264?.extradata ?? []).subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 1, 0x67]));
  expect(read([WITH_ELISION]).streams).toMatchObject([{ fourcc: 'FMP4' }]);
});

test('headers that are repeated between pictures change nothing', () => {
  const syncpoint = Buffer.from([0x4e, 0x4b, 0xe4, 0xad]);
  const second = WITH_B_FRAMES.indexOf(syncpoint, WITH_B_FRAMES.indexOf(syncpoint) + 1);
  const headers = WITH_B_FRAMES.subarray(FILE_ID.length, WITH_B_FRAMES.indexOf(syncpoint));
  const repeated = [WITH_B_FRAMES.subarray(0, second), headers, WITH_B_FRAMES.subarray(second)];
  expect(summary(read(repeated))).toEqual(summary(read([WITH_B_FRAMES])));
});

test('any cutting of the stream gives the same packets', () => {
  const whole = [summary(read([WITH_B_FRAMES])), summary(read([WITH_ELISION]))] as const;
  fc.assert(
    fc.property(fc.nat(1), fc.array(fc.nat(), { maxLength: 60 }), (which, places) => {
      const stream = which === 0 ? WITH_B_FRAMES : WITH_ELISION;
      expect(summary(read(cut(stream, places)))).toEqual(whole[which]);
    }),
    { numRuns: 60 },
  );
  for (const [index, stream] of [WITH_B_FRAMES, WITH_ELISION].entries()) {
    expect(summary(read([...stream].map((byte) => Buffer.of(byte))))).toEqual(whole[index]);
  }
});

test('a packet comes out with its last byte, and not before', () => {
  const format = {
    pixelFormat: 'MJPG',
    width: 64,
    height: 48,
    frameInterval: { numerator: 1, denominator: 30 },
  } as const;
  let packets = 0;
  const demuxer = new NutDemuxer({ onStream: () => {}, onPacket: () => packets++ });
  demuxer.push(nutHeader(format));
  for (let picture = 0; picture < 3; picture++) {
    demuxer.push(nutFramePrefix(picture * 1000, 10));
    demuxer.push(Buffer.alloc(9));
    expect(packets).toBe(picture);
    demuxer.push(Buffer.alloc(1));
    expect(packets).toBe(picture + 1);
  }
});

test('a packet that lies in one chunk is a view of it', () => {
  const chunk = new Uint8Array(WITH_B_FRAMES);
  for (const { data } of read([chunk]).packets) expect(data.buffer).toBe(chunk.buffer);
});

test('times of any size pass through muxer and reader unchanged', () => {
  const format = {
    pixelFormat: 'GREY',
    width: 2,
    height: 2,
    frameInterval: { numerator: 1, denominator: 30 },
  } as const;
  fc.assert(
    fc.property(fc.array(fc.nat(Number.MAX_SAFE_INTEGER - 200)), (times) => {
      const stream = [
        nutHeader(format),
        ...times.flatMap((time) => [nutFramePrefix(time, 4), Buffer.alloc(4)]),
      ];
      expect(read(stream).packets.map(({ pts }) => pts)).toEqual(times);
    }),
  );
});

test('damaged and arbitrary bytes are refused or read, never hung on, and never beyond the packet limit', () => {
  const limit = 1 << 16;
  const survives = (chunks: Iterable<Uint8Array>) => {
    try {
      for (const { data } of read(chunks, limit).packets) expect(data.length).toBeLessThanOrEqual(limit);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'FORMAT_NUT_INVALID' });
    }
  };
  const patches = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.boolean(), patches, fc.array(fc.nat(), { maxLength: 5 }), (elision, changes, places) => {
      const stream = Buffer.from(elision ? WITH_ELISION : WITH_B_FRAMES);
      for (const [at, value] of changes) stream[at] = value;
      survives(cut(stream, places));
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(500), (bytes, keep) => {
      survives([WITH_B_FRAMES.subarray(0, keep), bytes]);
    }),
    { numRuns: 300 },
  );
});

test('a frame larger than the limit is refused before its bytes are stored', () => {
  const format = {
    pixelFormat: 'MJPG',
    width: 64,
    height: 48,
    frameInterval: { numerator: 1, denominator: 30 },
  } as const;
  expect(() => read([nutHeader(format), nutFramePrefix(0, 1 << 30)])).toThrow(/1073741824 bytes/);
});
