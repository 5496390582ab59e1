import { systemClock } from '../../../core/clock.ts';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, poll, readSome } from '../../../core/libc.ts';
import { sourceFailed, sourceStalled } from '../errors.ts';
import { type CaptureCommand, type CaptureEvent, SOURCE_COUNTERS } from './capture-messages.ts';
import { FeedWriter } from './feed-writer.ts';
import { type HeldPicture, PictureHold } from './held-picture.ts';
import type { PictureProducer } from './picture-producer.ts';
import { PictureWatch } from './picture-watch.ts';

/** The loop's end of the line to the owner's thread. */
export interface OwnerPort {
  /** The next command, or undefined when there is none now. */
  receive(): CaptureCommand | undefined;
  post(event: CaptureEvent, transfer?: readonly ArrayBuffer[]): void;
}

export interface CaptureLoopOptions {
  readonly producer: PictureProducer;
  readonly port: OwnerPort;
  /** Readable when the port has commands. */
  readonly wakeFd: number;
  readonly counters: SharedArrayBuffer;
  readonly stallTimeoutMs: number;
  /** Names the source in errors. */
  readonly place: string;
}

const FAULT = POLLERR | POLLHUP | POLLNVAL;

/**
 * Everything a capture thread does once its producer is open: one poll over the owner's wake-ups, the producer,
 * and the feeds. Nothing here waits for a reader; a picture that cannot go now is skipped for a newer one.
 */
export class CaptureLoop {
  readonly #options: CaptureLoopOptions;
  readonly #hold: PictureHold;
  readonly #watch: PictureWatch;
  readonly #counters: Float64Array;
  readonly #wakeCount = Buffer.alloc(8);
  #feeds: FeedWriter[] = [];
  #epoch = 0;
  #isStopping = false;
  #lastPictureUs = systemClock.monotonicUs();

  constructor(options: CaptureLoopOptions) {
    this.#options = options;
    this.#hold = new PictureHold(options.producer);
    this.#watch = new PictureWatch((held) => this.#sendToOwner(held));
    this.#counters = new Float64Array(options.counters);
  }

  /**
   * Returns when the owner says stop.
   * @throws AppError SOURCE_GONE, SOURCE_FAILED, SOURCE_STALLED when the source has ended.
   */
  run(): void {
    const { producer, wakeFd } = this.#options;
    while (!this.#isStopping) {
      const feeds = this.#feeds;
      const [woken = 0, ready = 0, ...feedEvents] = poll(
        [
          { fd: wakeFd, events: POLLIN },
          { fd: producer.fd, events: POLLIN | POLLPRI },
          // Without an event asked for, poll still reports the reader's departure.
          ...feeds.map(({ fd, isWriting }) => ({ fd, events: isWriting ? POLLOUT : 0 })),
        ],
        this.#timeToStallMs(),
      );
      for (const [index, feed] of feeds.entries()) {
        const events = feedEvents[index] ?? 0;
        if (events & FAULT) feed.abandon();
        else if (events & POLLOUT) feed.resume();
      }
      // Commands come before the picture: a feed just added gets it.
      if (woken !== 0) this.#obey();
      if (ready !== 0) this.#takePicture((ready & FAULT) !== 0);
      this.#dropEndedFeeds();
      if (ready === 0 && this.#timeToStallMs() === 0) {
        throw sourceStalled(this.#options.place, this.#options.stallTimeoutMs);
      }
    }
  }

  #timeToStallMs(): number {
    const silentMs = (systemClock.monotonicUs() - this.#lastPictureUs) / 1000;
    return Math.max(0, Math.ceil(this.#options.stallTimeoutMs - silentMs));
  }

  #obey(): void {
    const { port, wakeFd } = this.#options;
    readSome(wakeFd, this.#wakeCount);
    for (let command = port.receive(); command !== undefined; command = port.receive()) {
      switch (command.type) {
        case 'add-feed':
          if (command.epoch === this.#epoch) {
            const { id, writeFd, counters } = command;
            this.#feeds = [
              ...this.#feeds,
              new FeedWriter(id, writeFd, this.#options.producer.format, counters),
            ];
          }
          break;
        case 'remove-feed':
          for (const feed of this.#feeds) if (feed.id === command.id) feed.abandon();
          break;
        case 'watch':
          this.#watch.enable(command.enabled);
          break;
        case 'picture-handled':
          this.#watch.handled();
          break;
        case 'stop':
          this.#isStopping = true;
          break;
        default:
          command satisfies never;
      }
    }
  }

  #takePicture(hasFault: boolean): void {
    if (this.#hold.isFull) {
      // Readers are behind by two pictures. They shall not cost the others this one.
      this.#watch.drop();
      for (const feed of this.#feeds) feed.detach();
    }
    const { producer, place } = this.#options;
    const taken = this.#hold.take();
    this.#counters[SOURCE_COUNTERS.lost] = producer.lost;
    if (taken === undefined) {
      // poll would report the fault again at once, for ever.
      if (hasFault) throw sourceFailed(place, 'its descriptor reports an error and no picture');
      return;
    }
    this.#lastPictureUs = systemClock.monotonicUs();
    if (taken === 'format-changed') this.#changeFormat();
    else this.#distribute(taken);
  }

  #distribute(held: HeldPicture): void {
    const place = SOURCE_COUNTERS.captured;
    this.#counters[place] = (this.#counters[place] ?? 0) + 1;
    for (const feed of this.#feeds) if (feed.hasReader) feed.offer(held);
    this.#watch.offer(held);
    held.release();
  }

  #changeFormat(): void {
    for (const feed of this.#feeds) feed.abandon();
    this.#feeds = [];
    this.#watch.drop();
    this.#epoch += 1;
    this.#options.port.post({ type: 'format', format: this.#options.producer.format });
  }

  #dropEndedFeeds(): void {
    if (this.#feeds.every(({ hasReader }) => hasReader)) return;
    for (const { id, hasReader } of this.#feeds) {
      if (!hasReader) this.#options.port.post({ type: 'feed-ended', id });
    }
    this.#feeds = this.#feeds.filter(({ hasReader }) => hasReader);
  }

  #sendToOwner({ picture: { data, sequence, capturedUs } }: HeldPicture): void {
    const copy = new Uint8Array(data);
    this.#options.port.post({ type: 'picture', data: copy, sequence, capturedUs }, [copy.buffer]);
  }
}
