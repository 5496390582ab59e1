import type { WebSocket } from 'ws';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Board } from '../../hardware/io/board.ts';
import { Heartbeat } from '../../streams/transports/websocket/index.ts';
import { problemOf } from '../http/index.ts';
import { sameForAll } from './bulk-body.ts';
import { findCircuit } from './circuit-address.ts';
import { type ClientCommand, parseClientMessage } from './client-command.ts';
import type { EventFeed, FedEvent } from './event-feed.ts';
import { type EventFilter, eventFilter } from './event-filter.ts';
import { EventQueue } from './event-queue.ts';
import { HeldLeases } from './held-leases.ts';
import { circuitDict, leaseAnswer } from './representation.ts';

/** While more than this waits in the socket, events stay in the queue, and nothing is read from the client. */
const HIGH_WATER_BYTES = 256 * 1024;
/** Most events of one message. */
const MAX_BATCH = 500;
/** While so many commands of a client are under way, nothing more is read from it. */
const MAX_COMMANDS = 32;
/** A client that holds leases is not asked for a sign of life more often. */
const MIN_HEARTBEAT_MS = 1000;

export interface EventsSocketOptions {
  readonly board: Board;
  readonly feed: EventFeed;
  readonly filter: EventFilter;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells a client of circuits and does what it asks: a snapshot, then events in order, those that wait in one message.
 * Owns its queue and the client's holds of leases until the socket closes.
 */
export class EventsSocket {
  readonly #socket: WebSocket;
  readonly #options: EventsSocketOptions;
  readonly #queue = new EventQueue<FedEvent>();
  readonly #held: HeldLeases;
  readonly #heartbeat: Heartbeat;
  readonly #membership: Disposable;
  #filter: EventFilter;
  /** A snapshot comes after the events that wait, so that no event is older than what the client knows. */
  #isSnapshotDue = true;
  #isWoken = false;
  #isClosed = false;
  #commands = 0;

  constructor(socket: WebSocket, options: EventsSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#filter = options.filter;
    this.#held = new HeldLeases(options.board);
    socket.on('close', () => this.#end());
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => {
      if (Buffer.isBuffer(data)) void this.#obey(data, isBinary);
    });
    // Only a pong counts as a sign of life: bytes are taken by the kernel, too, when the client is gone.
    this.#heartbeat = new Heartbeat(socket, options.clock);
    this.#membership = options.feed.join((event) => {
      if (!this.#filter(event.key)) return;
      this.#queue.push(event);
      this.#wake();
    });
    this.#pump();
  }

  /** Lets the events that happen together go together. */
  #wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#socket.readyState === this.#socket.OPEN && this.#hasRoom) {
      const events = this.#queue.take(MAX_BATCH);
      if (events.length > 0) {
        const texts = events.map(({ event: { text }, missed }) =>
          missed === 0 ? text : `${text.slice(0, -1)},"missed":${missed}}`,
        );
        this.#send(`[${texts.join(',')}]`);
      } else if (this.#isSnapshotDue) {
        this.#isSnapshotDue = false;
        this.#send(this.#options.feed.snapshot(this.#filter));
      } else break;
    }
    this.#regulate();
  }

  /** Reads from the client only while it can be answered. */
  #regulate(): void {
    if (this.#hasRoom && this.#commands < MAX_COMMANDS) this.#socket.resume();
    else this.#socket.pause();
  }

  get #hasRoom(): boolean {
    return this.#socket.bufferedAmount < HIGH_WATER_BYTES;
  }

  #send(message: string): void {
    this.#socket.send(message, (error) => {
      if (!error) this.#pump(); // else 'close' follows
    });
  }

  async #obey(data: Buffer, isBinary: boolean): Promise<void> {
    const { asked, ...echo } = parseClientMessage(data, isBinary);
    this.#commands += 1;
    this.#regulate();
    try {
      if (asked instanceof Error) throw asked;
      const result = await this.#do(asked);
      if (result !== undefined && 'id' in echo) this.#send(JSON.stringify([{ ...echo, result }]));
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status === 500) this.#options.log.error({ err: error }, `command ${echo.cmd} failed`);
      this.#send(JSON.stringify([{ ...echo, error: problem }]));
    } finally {
      this.#commands -= 1;
      this.#wake();
    }
  }

  /** @returns the answer for who wants one; undefined when a snapshot is the answer. */
  async #do(command: ClientCommand): Promise<readonly object[] | undefined> {
    const { board } = this.#options;
    switch (command.kind) {
      case 'all':
        this.#isSnapshotDue = true;
        return undefined;
      case 'filter':
        this.#filter = eventFilter(board, command.devices, command.circuits);
        this.#isSnapshotDue = true;
        return undefined;
      case 'set': {
        const { dev, circuit, body, isHeld } = command;
        const { writes, lease } = sameForAll([findCircuit(board, dev, circuit)], body);
        const views = await board.write(writes, lease);
        const id = views[0]?.output?.lease?.id;
        if (isHeld && id !== undefined) this.#hold(id);
        return views.map(circuitDict);
      }
      case 'hold':
        this.#hold(command.lease);
        return board
          .leases()
          .filter(({ id }) => id === command.lease)
          .map(leaseAnswer);
    }
  }

  #hold(lease: string): void {
    if (this.#isClosed) return;
    const shortestMs = this.#held.hold(lease);
    this.#heartbeat.hurry(Math.max(shortestMs, MIN_HEARTBEAT_MS));
  }

  #end(): void {
    this.#isClosed = true;
    this.#heartbeat[Symbol.dispose]();
    this.#membership[Symbol.dispose]();
    this.#held[Symbol.dispose]();
    const { missed, coalesced } = this.#queue;
    if (missed > 0)
      this.#options.log.warn({ missed, coalesced }, `an events client was too slow: ${missed} events lost`);
  }
}
