import { expect, test } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { FakeEncoders, FakeSource, fakeUnit } from '../../test/support/fake-media.ts';
import type { AccessUnit } from '../media/coded.ts';
import { h264Coding } from './coding/index.ts';
import { Reader } from './reader.ts';
import { SharedSource } from './shared-source.ts';
import { Stream } from './stream.ts';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const noLog = { debug() {}, info() {}, warn() {}, error() {} };
function make(open?: any, lingerMs = 0) {
  const clock = new FakeClock();
  const encoders = new FakeEncoders();
  const sources: FakeSource[] = [];
  const source = new SharedSource(open ?? (async (listener: any) => { const s = new FakeSource(listener); sources.push(s); return s; }));
  const stream = new Stream({ name: 'T', source, coding: h264Coding(encoders, {} as any), settings: { lingerMs, stallTimeoutMs: 3000, maxReaders: 10, gopCache: { maxBytes: 1e6, maxMs: 1e4 }, reader: { maxBytes: 1e6, maxMs: 2000 } }, clock, log: noLog, random: () => 0.5 });
  const join = () => {
    const units: AccessUnit[] = []; const closed: any[] = [];
    const take = () => { for (let u = reader.take(); u; u = reader.take()) units.push(u); };
    const reader: Reader = stream.join('t', { onReadable: () => take(), onClosed: (r) => closed.push(r) });
    take();
    return { units, closed, leave: () => stream.leave(reader) };
  };
  return { clock, encoders, sources, stream, source, join };
}
test('idle rejoin: old GOP is not served', async () => {
  const { clock, encoders, join } = make();
  const a = join(); await settle(); encoders.newest.begin(clock.monotonicUs());
  await clock.advance(100); encoders.newest.unit(clock.monotonicUs());
  a.leave(); await clock.advance(5000);
  const b = join(); await settle(); encoders.newest.begin(clock.monotonicUs());
  expect(b.units.map((u) => u.ptsTicks)).toEqual([0]);
});
test('stopping rejoin: old GOP is not served', async () => {
  const { clock, encoders, join, stream } = make();
  const a = join(); await settle(); encoders.newest.begin(clock.monotonicUs());
  await clock.advance(100); encoders.newest.unit(clock.monotonicUs());
  a.leave(); 
  expect(stream.stats().state).toBe('stopping');
  expect(stream.tracks).toEqual([]);
  const b = join(); await settle(); encoders.newest.begin(clock.monotonicUs());
  expect(b.units.map((u) => u.ptsTicks)).toEqual([0]);
});
test('taken units are not retained', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const reader = new Reader(1, 't', { maxBytes: 1e9, maxMs: 1e9 }, { onReadable() {}, onClosed() {} }, 0);
  const refs: WeakRef<AccessUnit>[] = [];
  const put = (n: number) => { const u = fakeUnit(n); refs.push(new WeakRef(u)); reader.offer(u); };
  put(0);
  for (let n = 1; n < 100; n++) { put(n); reader.take(); }
  await settle(); gc(); await settle(); gc();
  expect(refs.filter((r) => r.deref() !== undefined).length).toBeLessThan(5);
});
test('leaving while opening aborts the opening', async () => {
  let aborted = false;
  const { join } = make((_l: any, { signal }: any) => new Promise((_, reject) => signal.addEventListener('abort', () => { aborted = true; reject(signal.reason); })));
  const a = join(); await settle(); a.leave(); await settle();
  expect(aborted).toBe(true);
});
test('a camera that takes ten seconds to open', async () => {
  let resolve: any; let l: any;
  const { join, clock, encoders, stream } = make((listener: any) => new Promise((r) => { l = listener; resolve = r; }));
  const a = join(); await clock.advance(10_000); resolve(new FakeSource(l)); await settle();
  expect(a.closed).toEqual([]);
  encoders.newest.begin(clock.monotonicUs());
  expect(stream.stats().state).toBe('live');
});
test('dispose failing once does not block forever', async () => {
  let n = 0;
  const s = new SharedSource(async (listener) => { const src = new FakeSource(listener); if (n++ === 0) (src as any)[Symbol.asyncDispose] = async () => { throw new Error('x'); }; return src; });
  const lis = { onFormat() {}, onConfig() {}, onUnit() {}, onLost() {} };
  const lease = await s.lease(lis);
  await lease[Symbol.asyncDispose]().catch(() => {});
  await expect(s.lease(lis)).resolves.toBeDefined();
});
test('idle is not before the close is done', async () => {
  const releases: (() => void)[] = [];
  const { join, clock, encoders, stream, sources } = make();
  const a = join(); await settle(); encoders.newest.begin(clock.monotonicUs());
  const slow = (e: any) => { e[Symbol.asyncDispose] = () => new Promise<void>((r) => releases.push(() => { e.isRunning = false; r(); })); };
  slow(encoders.newest);
  sources[0]!.listener.onLost({ code: 'X', message: 'x' } as any);
  await clock.advance(100);
  slow(encoders.newest);
  a.leave(); await settle();
  expect(stream.stats().state).toBe('stopping');
  releases[0]!(); await settle();
  expect(stream.stats().state).toBe('stopping');
  releases[1]!(); await settle();
  expect(stream.stats().state).toBe('idle');
});
