import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { Heartbeat } from './index.ts';

class Peer extends EventEmitter {
  pings = 0;
  isTerminated = false;

  ping(): void {
    this.pings += 1;
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

function start() {
  const peer = new Peer();
  const clock = new FakeClock();
  // it has what Heartbeat uses
  return { peer, clock, heartbeat: new Heartbeat(peer as unknown as WebSocket, clock) };
}

test('a peer that answers each ping stays', async () => {
  const { peer, clock } = start();
  for (let count = 1; count <= 5; count += 1) {
    await clock.advance(15_000);
    expect(peer.pings).toBe(count);
    peer.emit('pong');
  }
  expect(peer.isTerminated).toBe(false);
});

test('a peer that shows otherwise that it lives stays, too', async () => {
  const { peer, clock, heartbeat } = start();
  for (let count = 1; count <= 5; count += 1) {
    await clock.advance(15_000);
    heartbeat.confirm();
  }
  expect(peer.isTerminated).toBe(false);
});

test('a peer that gives no sign of life from one ping to the next is ended', async () => {
  const { peer, clock } = start();
  await clock.advance(29_999);
  expect(peer.isTerminated).toBe(false);
  await clock.advance(1);
  expect(peer.isTerminated).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});

test('in a hurry it asks at once, and then at the shorter interval', async () => {
  const { peer, clock, heartbeat } = start();
  heartbeat.hurry(2000);
  expect(peer.pings).toBe(1);
  peer.emit('pong');
  await clock.advance(2000);
  expect(peer.pings).toBe(2);
  await clock.advance(2000);
  expect(peer.isTerminated).toBe(true);
});

test('disposed, it asks no more', async () => {
  const { peer, clock, heartbeat } = start();
  heartbeat[Symbol.dispose]();
  await clock.advance(60_000);
  expect(peer).toMatchObject({ pings: 0, isTerminated: false });
});
