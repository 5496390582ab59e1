type Release = () => void | PromiseLike<void>;

/**
 * Owns what was started and ends it in reverse order: a small `AsyncDisposableStack`, which Node has only from 24.
 *
 * Every step runs even when an earlier one fails; the failures are then reported together. Disposal is
 * idempotent: later calls wait for the first.
 */
export class Lifetime implements AsyncDisposable {
  #releases: Release[] = [];
  #disposal: Promise<void> | undefined;

  /** Adds a disposable and hands it back. */
  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.defer(() =>
      Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose](),
    );
    return resource;
  }

  /** Adds a release step. After disposal has begun, the step runs at once. */
  defer(release: Release): void {
    if (this.#disposal === undefined) {
      this.#releases.push(release);
      return;
    }
    this.#disposal = this.#disposal.finally(release);
    this.#disposal.catch(() => undefined); // whoever disposes is told
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#run();
    return this.#disposal;
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'Several resources failed to close.');
  }
}
