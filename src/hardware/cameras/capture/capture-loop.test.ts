import { expect, test } from 'vitest';
import { closeFd, EVENTFD_ONE, openEventFd, openPipe, writeSome } from '../../../core/libc.ts';
import { CaptureLoop } from './capture-loop.ts';
import { type CaptureCommand, newCounters } from './capture-messages.ts';
import type { PictureProducer } from './picture-producer.ts';

/** A loop over a producer that never has a picture, on the given descriptor. */
function loopOver(fd: number, wakeFd: number, commands: CaptureCommand[] = []): CaptureLoop {
  const producer: PictureProducer = {
    fd,
    format: { pixelFormat: 'GREY', width: 64, height: 48, frameInterval: { numerator: 1, denominator: 30 } },
    lost: 0,
    take: () => undefined,
    release: () => {},
    [Symbol.dispose]: () => {},
  };
  return new CaptureLoop({
    producer,
    port: { receive: () => commands.shift(), post: () => {} },
    wakeFd,
    counters: newCounters(),
    stallTimeoutMs: 60_000,
    place: '/dev/video7',
  });
}

test('a descriptor in error that brings no picture fails the source instead of spinning', () => {
  const { readFd, writeFd } = openPipe();
  const wakeFd = openEventFd();
  closeFd(readFd); // from now on poll reports POLLERR for the writing end
  expect(() => loopOver(writeFd, wakeFd).run()).toThrow(
    expect.objectContaining({ code: 'SOURCE_FAILED', message: expect.stringContaining('/dev/video7') }),
  );
  closeFd(writeFd);
  closeFd(wakeFd);
});

test('a stop that was sent before the loop began ends it at once', () => {
  const { readFd, writeFd } = openPipe();
  const wakeFd = openEventFd();
  writeSome(wakeFd, EVENTFD_ONE);
  loopOver(readFd, wakeFd, [{ type: 'stop' }]).run();
  for (const fd of [readFd, writeFd, wakeFd]) closeFd(fd);
});
