import { parentPort, receiveMessageOnPort, type Worker, workerData } from 'node:worker_threads';
import { closeFd, EVENTFD_ONE, openEventFd, readSome, writeSome } from './libc.ts';
import { startThread } from './thread.ts';

/** What every such thread understands: its loop returns. */
export interface StopCommand {
  readonly type: 'stop';
}

/** How long a thread may take to stop; one that waits for a dead device inside the kernel takes longer. */
const STOP_TIMEOUT_MS = 1000;

interface ThreadData<Data> {
  readonly data: Data;
  /** Eventfd, raised after each command. */
  readonly wakeFd: number;
}

export interface PollingThreadOptions<Data, Event> {
  readonly name: string;
  /** Handed to the thread; structured-cloneable. */
  readonly data: Data;
  /** Never called after disposal has begun. */
  onEvent(event: Event): void;
  /** The thread has ended, for whatever reason. Once. */
  onEnd(cause: Error | undefined): void;
}

/**
 * A thread that sleeps in poll() instead of an event loop, so that a device wakes it at once and blocks nobody.
 * Commands reach it through an eventfd. This is the owner's side; `pollingThread` is the other.
 */
export class PollingThread<Data, Command extends StopCommand | { readonly type: string }, Event>
  implements AsyncDisposable
{
  readonly #worker: Worker;
  readonly #wakeFd: number;
  readonly #exited: Promise<void>;
  #hasExited = false;
  #disposal: Promise<void> | undefined;

  /** @param module the thread's entry: `new URL('./x-thread.js', import.meta.url)`. */
  constructor(module: URL, { name, data, onEvent, onEnd }: PollingThreadOptions<Data, Event>) {
    this.#wakeFd = openEventFd();
    try {
      const workerData: ThreadData<Data> = { data, wakeFd: this.#wakeFd };
      this.#worker = startThread(module, { workerData, name });
    } catch (error) {
      closeFd(this.#wakeFd);
      throw error;
    }
    let cause: Error | undefined;
    this.#worker.on('error', (error) => {
      cause = error;
    });
    this.#worker.on('message', (event: Event) => {
      if (this.#disposal === undefined) onEvent(event);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#hasExited = true;
        closeFd(this.#wakeFd);
        onEnd(cause);
        resolve();
      });
    });
  }

  /** Sends a command; one that comes after the thread's end goes nowhere. */
  send(command: Command | StopCommand): void {
    if (this.#hasExited) return;
    this.#worker.postMessage(command);
    writeSome(this.#wakeFd, EVENTFD_ONE);
  }

  /** Stops the thread and waits for its end, unless it is stuck: then it ends by itself once the kernel lets it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#stop();
    return this.#disposal;
  }

  async #stop(): Promise<void> {
    this.send({ type: 'stop' });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    });
    await Promise.race([this.#exited, timeout]);
    clearTimeout(timer);
    if (!this.#hasExited) void this.#worker.terminate();
  }
}

/** The thread's side of a {@link PollingThread}. */
export interface ThreadEnd<Data, Command, Event> {
  readonly data: Data;
  /** Readable when there are commands. */
  readonly wakeFd: number;
  /** All commands that wait. */
  receive(): Command[];
  post(event: Event, transfer?: readonly ArrayBuffer[]): void;
}

/** To be called once, at the top of the thread's entry, with the types its owner uses. */
export function pollingThread<Data, Command, Event>(): ThreadEnd<Data, Command, Event> {
  const port = parentPort;
  if (port === null) throw new Error('This module runs as a worker thread only.');
  const { data, wakeFd } = workerData as ThreadData<Data>; // set by PollingThread
  const wakeCount = Buffer.alloc(8);
  return {
    data,
    wakeFd,
    receive: () => {
      readSome(wakeFd, wakeCount);
      const commands: Command[] = [];
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        commands.push(next.message as Command); // both ends are this folder's
      }
      return commands;
    },
    post: (event, transfer = []) => port.postMessage(event, transfer),
  };
}
