import type { AppError } from '../core/app-error.ts';
import type { CodecConfig } from '../media/coded.ts';
import type { Source, SourceListener } from '../media/source.ts';

/** Opens the source; called again after every close. */
export type OpenSource = (listener: SourceListener, options: { signal: AbortSignal }) => Promise<Source>;

/** A share of an open source. Disposing it gives it back; the last one to go closes the source. */
export interface SourceLease extends AsyncDisposable {
  readonly source: Source;
}

interface Session {
  readonly opening: Promise<Source>;
  readonly abort: AbortController;
  /** Of the opening under way; once it is aborted, another begins. */
  attempt: AbortController | undefined;
  config: CodecConfig | undefined;
  /** Once it is open. */
  source: Source | undefined;
}

/**
 * One sensor's source, shared by its stream, its stills and its JPEG pictures: opened by the first lease, closed
 * with the last, never open twice.
 */
export class SharedSource implements AsyncDisposable {
  readonly #open: OpenSource;
  readonly #listeners = new Set<SourceListener>();
  #session: Session | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(open: OpenSource) {
    this.#open = open;
  }

  /** Whether it is open, or being opened. */
  get isInUse(): boolean {
    return this.#session !== undefined;
  }

  /** The source while it is open. */
  get open(): Source | undefined {
    return this.#session?.source;
  }

  /**
   * Waits until the source is open. After `onLost` the lease is void; a new one opens the source again.
   * @param options.signal ends the wait, and the opening when nobody else waits for it; a lease no longer follows it.
   * @throws AppError whatever opening the source throws; the signal's reason when aborted.
   */
  async lease(listener: SourceListener, { signal }: { signal: AbortSignal }): Promise<SourceLease> {
    signal.throwIfAborted();
    this.#session ??= this.#start();
    const session = this.#session;
    this.#listeners.add(listener);
    const release = (): void => this.#release(session, listener);
    let onAbort = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        release();
        reject(signal.reason);
      };
    });
    signal.addEventListener('abort', onAbort);
    let source: Source;
    try {
      source = await Promise.race([session.opening, aborted]);
    } catch (error) {
      signal.throwIfAborted();
      this.#listeners.delete(listener);
      if (this.#session === session) this.#session = undefined;
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    signal.throwIfAborted();
    if (session.config !== undefined) listener.onConfig(session.config);
    const close = (): Promise<void> => {
      release();
      return this.#closing;
    };
    return { source, [Symbol.asyncDispose]: close };
  }

  /**
   * Takes the source away from everybody who has a share, as if it were lost; the next lease opens it anew. An opening
   * under way begins again, and whoever waits for it goes on waiting.
   * @param reason what those are told who had it.
   */
  interrupt(reason: AppError): void {
    const session = this.#session;
    if (session === undefined) return;
    if (session.source !== undefined) this.#lose(session, reason);
    else session.attempt?.abort(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    if (this.#session !== undefined) this.#end(this.#session);
    await this.#closing;
  }

  #start(): Session {
    const abort = new AbortController();
    const { signal } = abort;
    const each = (call: (listener: SourceListener) => void): void => {
      if (this.#session !== session) return;
      for (const listener of [...this.#listeners]) call(listener);
    };
    const listener: SourceListener = {
      onFormat: (format) => each((to) => to.onFormat(format)),
      onConfig: (config) => {
        session.config = config;
        each((to) => to.onConfig(config));
      },
      onUnit: (unit) => each((to) => to.onUnit(unit)),
      onLost: (error) => this.#lose(session, error),
    };
    const open = async (): Promise<Source> => {
      for (;;) {
        const attempt = new AbortController();
        session.attempt = attempt;
        const isCurrent = (): boolean => signal.aborted || !attempt.signal.aborted;
        try {
          const source = await this.#open(listener, { signal: AbortSignal.any([signal, attempt.signal]) });
          if (isCurrent()) {
            session.source = source;
            return source;
          }
          await source[Symbol.asyncDispose]();
        } catch (error) {
          if (isCurrent()) throw error;
        }
      }
    };
    const opening = this.#closing.then(open, open); // a close that failed is over, too
    opening.catch(() => undefined); // whoever asked for the lease has been told
    const session: Session = { opening, abort, attempt: undefined, config: undefined, source: undefined };
    return session;
  }

  #lose(session: Session, reason: AppError): void {
    if (this.#session !== session) return;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#end(session);
    for (const to of listeners) to.onLost(reason);
  }

  #release(session: Session, listener: SourceListener): void {
    if (this.#session !== session) return;
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#end(session);
  }

  #end(session: Session): void {
    this.#session = undefined;
    session.abort.abort();
    this.#closing = session.opening.then(
      (source) => source[Symbol.asyncDispose](),
      () => undefined, // whoever asked for the lease has been told
    );
    this.#closing.catch(() => undefined); // whoever gives a lease back is told
  }
}
