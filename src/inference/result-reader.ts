import type { AppError } from '../core/app-error.ts';

/** What somebody does who reads results. Called synchronously: take what is there and return. */
export interface ResultListener {
  /** A result waits to be taken. Called when none waited before. */
  onReadable(): void;
  /** No more results come: with a reason when they cannot, without one when the model has been removed. */
  onClosed(reason: AppError | undefined): void;
}

/** One reader of a deployment's results, with room for one: a newer result takes the place of the one that waits. */
export class ResultReader {
  readonly #listener: ResultListener;
  #waiting: Buffer | undefined;
  #skipped = 0;

  constructor(listener: ResultListener) {
    this.#listener = listener;
  }

  /** Results that this reader did not get because it was too slow. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Offers the newest result; never waits. @param message one for all readers. */
  offer(message: Buffer): void {
    const isFull = this.#waiting !== undefined;
    this.#waiting = message;
    if (isFull) this.#skipped += 1;
    else this.#listener.onReadable();
  }

  /** The newest result as JSON in UTF-8; undefined when there is none that has not been taken. */
  take(): Buffer | undefined {
    const message = this.#waiting;
    this.#waiting = undefined;
    return message;
  }

  /** Ends the reader from the deployment's side. */
  close(reason: AppError | undefined): void {
    this.#listener.onClosed(reason);
  }
}
