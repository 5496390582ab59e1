import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { FakeClock, settle } from '../../../../test/support/fake-clock.ts';
import {
  FakeEncoders,
  FakeSource,
  fakeConfig,
  STREAM_SETTINGS,
} from '../../../../test/support/fake-media.ts';
import { h264Coding } from '../../coding/index.ts';
import { SharedSource } from '../../shared-source.ts';
import { Stream } from '../../stream.ts';
import { Fmp4Packager } from '../fmp4/index.ts';
import { VideoSocket } from './index.ts';

/** A WebSocket whose network stands still until `flush`. */
class StillSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly sent: (Uint8Array | string)[] = [];
  #waiting: { readonly bytes: number; readonly done: (() => void) | undefined }[] = [];

  get bufferedAmount(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  send(message: Uint8Array | string, done?: () => void): void {
    this.sent.push(message);
    this.#waiting.push({ bytes: message.length, done });
  }

  flush(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next.done?.();
  }
}

async function makeLiveStream() {
  const clock = new FakeClock();
  const encoders = new FakeEncoders();
  const settings = {
    codec: 'auto',
    bitrateKbps: 0,
    quality: 23,
    gopLength: 0,
    preset: '',
    profile: 'main',
  } as const;
  const stream = new Stream({
    name: 'TEST/CAM_A',
    source: new SharedSource(async (listener) => new FakeSource(listener)),
    coding: h264Coding(encoders, settings),
    settings: STREAM_SETTINGS,
    clock,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    random: () => 0.5,
  });
  const open = (): StillSocket => {
    const socket = new StillSocket();
    // The part of a WebSocket that a VideoSocket uses.
    new VideoSocket(socket as unknown as WebSocket, { stream, clock, packager: new Fmp4Packager() });
    return socket;
  };
  const first = open();
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  return { clock, encoders, first, open };
}

/** `init` or `fragment`, by the second box type of the message. */
const kinds = ({ sent }: StillSocket): string[] =>
  sent.map((message) => (Buffer.from(message).toString('latin1', 4, 8) === 'ftyp' ? 'init' : 'fragment'));

test('a reader who joins between two configurations gets each init segment before its own fragments', async () => {
  const { clock, encoders, open } = await makeLiveStream();
  encoders.newest.listener.onConfig(fakeConfig(2));
  const socket = open();
  expect(kinds(socket)).toEqual(['init', 'fragment']);
  await clock.advance(33);
  encoders.newest.unit(clock.monotonicUs(), true);
  expect(kinds(socket)).toEqual(['init', 'fragment', 'init', 'fragment']);
});

test('answers that fill the socket do not hold units back once they have left', async () => {
  const { clock, encoders, first } = await makeLiveStream();
  first.flush();
  const request = Buffer.from('{"type":"stats","id":1}');
  while (first.bufferedAmount < 256 * 1024) first.emit('message', request, false);
  await clock.advance(33);
  encoders.newest.unit(clock.monotonicUs());
  const before = first.sent.length;
  first.flush();
  expect(first.sent.length).toBe(before + 1);
});
