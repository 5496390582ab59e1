import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedMedia } from './box.ts';
import { box, concat, fragment, initSegment, u32 } from './test-segments.ts';
import { WireReader } from './wire-reader.ts';

function readerAfterInit(): WireReader {
  const reader = new WireReader();
  reader.read(initSegment());
  return reader;
}

test('an init segment tells codec, size and timescale', () => {
  const bytes = initSegment({ profile: [0x64, 0x00, 0x0a], width: 1920, height: 1080, timescale: 15_360 });
  expect(new WireReader().read(bytes)).toMatchObject({
    kind: 'init',
    codec: 'avc1.64000A',
    width: 1920,
    height: 1080,
    timescale: 15_360,
    bytes,
  });
});

test('a fragment tells its times, whether it is a sync sample, and when it was captured', () => {
  const capturedWallMs = 1_767_225_600_123.5;
  const decodeTicks = 2 ** 33 + 7;
  const bytes = fragment({
    decodeTicks,
    compositionTicks: -6,
    durationTicks: 1500,
    isSync: false,
    capturedWallMs,
  });
  const read = readerAfterInit().read(bytes);
  expect(read).toMatchObject({
    kind: 'fragment',
    decodeTicks,
    presentationTicks: decodeTicks - 6,
    durationTicks: 1500,
    isSync: false,
  });
  expect(read?.kind === 'fragment' && read.capturedWallMs).toBeCloseTo(capturedWallMs, 3);
});

test('a fragment without capture time and with the defaults of tfhd is read as well', () => {
  const tfhd = box('tfhd', u32(0x020038), u32(1), u32(512), u32(10), u32(0x2000000));
  const trun = box('trun', u32(0x000005), u32(1), u32(0), u32(0x2000000));
  const traf = box('traf', tfhd, box('tfdt', u32(0), u32(1024)), trun);
  const bytes = concat(box('moof', traf), box('mdat', [1]));
  expect(readerAfterInit().read(bytes)).toMatchObject({
    decodeTicks: 1024,
    durationTicks: 512,
    isSync: true,
    capturedWallMs: undefined,
  });
});

test('what a fragment leaves out comes from the init segment', () => {
  const traf = box(
    'traf',
    box('tfhd', u32(0), u32(1)),
    box('tfdt', u32(0), u32(0)),
    box('trun', u32(0), u32(1)),
  );
  const bytes = concat(box('moof', traf), box('mdat', [1]));
  expect(readerAfterInit().read(bytes)).toMatchObject({
    durationTicks: 3000,
    isSync: false,
    durationAt: undefined,
  });
});

test('the duration of a lone sample can be found in the bytes', () => {
  const bytes = fragment({ durationTicks: 0x01020304, capturedWallMs: 0 });
  const read = readerAfterInit().read(bytes);
  const at = read?.kind === 'fragment' ? read.durationAt : undefined;
  expect(new DataView(bytes.buffer).getUint32(at ?? 0)).toBe(0x01020304);
});

test('a new init segment applies to the fragments after it', () => {
  const reader = readerAfterInit();
  expect(reader.read(fragment())).toMatchObject({ kind: 'fragment' });
  expect(reader.read(initSegment({ width: 320 }))).toMatchObject({ kind: 'init', width: 320 });
  expect(reader.read(fragment())).toMatchObject({ kind: 'fragment' });
});

test('an empty message is nothing', () => {
  expect(new WireReader().read(new Uint8Array())).toBeUndefined();
});

test.each([
  ['a fragment before any init segment', fragment(), 'expected an init segment'],
  ['text', new TextEncoder().encode('<html>not media</html>'), 'claims'],
  ['an init segment of another codec', initSegment({ entry: 'hvc1' }), 'saw hvc1'],
  ['a timescale of 0', initSegment({ timescale: 0 }), 'timescale 0'],
  ['stray bytes', concat(initSegment(), Uint8Array.of(1, 2, 3)), 'stray bytes'],
])('%s is refused, and the message says what was seen', (_what, bytes, message) => {
  expect(() => new WireReader().read(bytes)).toThrow(message);
});

test.each([
  ['another track', fragment({ trackId: 9 }), 'track 9'],
  ['a time beyond 2^53', fragment({ decodeTicks: 2 ** 60 }), 'beyond 2^53'],
  ['no mdat', fragment().slice(0, -18), 'expected a mdat'],
])('a fragment of %s is refused', (_what, bytes, message) => {
  expect(() => readerAfterInit().read(bytes)).toThrow(message);
});

const wellFormed = concat(fragment({ capturedWallMs: 1e12, decodeTicks: 90_000 }));

test('bytes cut off or changed anywhere give a segment or MalformedMedia, never another error', () => {
  const changes = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
  fc.assert(
    fc.property(fc.boolean(), fc.nat(600), changes, (isInit, length, edits) => {
      const bytes = (isInit ? initSegment() : wellFormed).slice(0, length);
      for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
      try {
        readerAfterInit().read(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMedia);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('arbitrary bytes give MalformedMedia', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      expect(() => new WireReader().read(bytes)).toThrow(MalformedMedia);
    }),
  );
});
