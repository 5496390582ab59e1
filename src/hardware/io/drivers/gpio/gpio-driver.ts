import { AppError, toAppError } from '../../../../core/app-error.ts';
import type { Timer } from '../../../../core/clock.ts';
import { type RetrySchedule, retryDelayMs } from '../../../../core/retry-schedule.ts';
import type { ChannelInfo, ChannelReading, CircuitKey, SettingValue } from '../../circuit.ts';
import type { CallOptions, ChannelWrite, DriverServices, IoDriver } from '../../driver.ts';
import { circuitNotFound, circuitReadOnly, ioGone, ioStarting } from '../../errors.ts';
import { ChipSession } from './chip-session.ts';
import type { GpioConfig } from './config.ts';
import type { GpioSystem } from './gpio-system.ts';
import { HealthTeller } from './health-teller.ts';
import type { LineRequest } from './line-request.ts';
import { DEBOUNCE, type Wiring, wiringsOf } from './wiring.ts';

const LOOK_AGAIN: RetrySchedule = { firstMs: 250, maxMs: 5000, jitter: 0 };

interface Held {
  readonly request: LineRequest;
  /** Of the line in its request. */
  readonly index: number;
}

type HeldLine = Held & Pick<Line, 'wiring'>;

interface Line {
  readonly wiring: Wiring;
  held: Held | undefined;
  /** Why it is not held. */
  problem: AppError;
  /** As last configured; outlasts the chip's absence. */
  debounceUs: number;
}

/** Lines of one GPIO chip, through its character device. Its ioctls are fast and run in the main thread. */
export class GpioDriver implements IoDriver {
  readonly channels: readonly ChannelInfo[];
  readonly #chip: string;
  readonly #services: DriverServices;
  readonly #system: GpioSystem;
  readonly #lines: ReadonlyMap<CircuitKey, Line>;
  readonly #health: HealthTeller;
  readonly #endings = new Set<Promise<void>>();
  #session: ChipSession | undefined;
  #attempt = 0;
  #retry: Timer | undefined;
  #isClosed = false;

  /** @throws AppError IO_CONFIG_INVALID */
  constructor(name: string, config: GpioConfig, services: DriverServices, system: GpioSystem) {
    const wirings = wiringsOf(name, config);
    const problem = ioStarting(config.chip);
    this.channels = wirings.map(({ channel }) => channel);
    this.#chip = config.chip;
    this.#services = services;
    this.#system = system;
    this.#lines = new Map(
      wirings.map((wiring) => [wiring.key, { wiring, held: undefined, problem, debounceUs: 0 }]),
    );
    this.#health = new HealthTeller(services.listener);
  }

  /** Looks for the chip from now on, and tells the listener. */
  begin(): void {
    if (!this.#isClosed) this.#look();
  }

  async read(key: CircuitKey, { signal }: CallOptions): Promise<ChannelReading> {
    signal.throwIfAborted();
    const line = this.#held(key);
    return this.#guarded(() => this.#reading(line));
  }

  async write(writes: readonly ChannelWrite[], { signal }: CallOptions): Promise<void> {
    signal.throwIfAborted();
    const byRequest = new Map<LineRequest, Map<number, 0 | 1>>();
    for (const { key, level } of writes) {
      const { wiring, request, index } = this.#held(key);
      if (wiring.channel.direction !== 'output') throw circuitReadOnly(key, 'value');
      const values = byRequest.get(request) ?? new Map<number, 0 | 1>();
      byRequest.set(request, values.set(index, level.value === 0 ? 0 : 1));
    }
    this.#guarded(() => {
      for (const [request, values] of byRequest) request.write(values);
    });
  }

  async configure(
    key: CircuitKey,
    settings: Readonly<Record<string, SettingValue>>,
    { signal }: CallOptions,
  ): Promise<void> {
    signal.throwIfAborted();
    const held = this.#held(key);
    const debounceUs = settings[DEBOUNCE.name];
    const line = this.#lines.get(key);
    if (typeof debounceUs !== 'number' || line === undefined) return;
    this.#guarded(() => held.request.debounce(held.index, debounceUs));
    line.debounceUs = debounceUs;
    this.#show(line); // an edge may have passed unseen while the kernel changed over
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#retry?.[Symbol.dispose]();
    this.#release(ioStarting(this.#chip));
    await Promise.all(this.#endings);
  }

  /** Finds the chip, and takes hold of the lines that are not held. */
  #look(): void {
    const missing = [...this.#lines.values()].filter(({ held }) => held === undefined);
    try {
      this.#session ??= this.#open();
      this.#take(this.#session, missing);
    } catch (error) {
      this.#miss(missing, toAppError(error));
    }
    const gone = missing.find(({ held, problem }) => held === undefined && problem.code === 'IO_GONE');
    if (gone !== undefined && this.#session !== undefined) {
      this.#lose(gone.problem);
      return;
    }
    this.#tell();
    for (const line of missing) if (line.held !== undefined) this.#show(line);
    if (missing.every(({ held }) => held !== undefined)) this.#attempt = 0;
    else this.#lookLater();
  }

  #lookLater(): void {
    this.#attempt += 1;
    this.#retry?.[Symbol.dispose]();
    const delayMs = retryDelayMs(LOOK_AGAIN, this.#attempt, 0);
    this.#retry = this.#services.clock.after(delayMs, () => this.#look());
  }

  #open(): ChipSession {
    return new ChipSession(this.#chip, this.#services, this.#system, {
      onEdge: ({ key }, edge) => this.#services.listener.onEdge(key, edge),
      onGone: (cause) => this.#lose(ioGone(this.#chip, cause)),
    });
  }

  #take(session: ChipSession, missing: readonly Line[]): void {
    const wishes = missing.map(({ wiring, debounceUs }) => {
      const isOutput = wiring.channel.direction === 'output';
      return { wiring, debounceUs, level: isOutput ? this.#services.initialLevel(wiring.key) : undefined };
    });
    const { requests, refused } = session.take(wishes);
    const places = new Map(
      requests.flatMap((request) =>
        request.lines.map(({ wiring }, index) => [wiring.key, { request, index }] as const),
      ),
    );
    for (const line of missing) {
      line.held = places.get(line.wiring.key);
      line.problem = refused.get(line.wiring.key) ?? line.problem;
    }
  }

  /** The chip cannot be had. One that was there stays `gone`, which says more than `not there`. */
  #miss(lines: readonly Line[], error: AppError): void {
    for (const line of lines) {
      const isStillGone = line.problem.code === 'IO_GONE' && error.code === 'IO_NOT_PRESENT';
      if (!isStillGone) line.problem = error;
    }
  }

  #lose(problem: AppError): void {
    if (this.#session === undefined) return;
    this.#release(problem);
    this.#tell();
    this.#attempt = 0;
    this.#lookLater();
  }

  /** Lets go of everything. */
  #release(problem: AppError): void {
    for (const line of this.#lines.values()) {
      line.held = undefined;
      line.problem = problem;
    }
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    const ending: Promise<void> = session[Symbol.asyncDispose]()
      .catch((error: unknown) => {
        this.#services.log.warn({ chip: this.#chip, error }, 'A GPIO chip was not closed properly.');
      })
      .finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  #tell(): void {
    this.#health.tell(
      [...this.#lines.values()].map(({ wiring, held, problem }) => {
        return [wiring.key, held === undefined ? problem : undefined] as const;
      }),
    );
  }

  /** Tells the present value of a line. */
  #show({ wiring: { key } }: Line): void {
    try {
      const line = this.#held(key);
      const reading = this.#guarded(() => this.#reading(line));
      this.#services.listener.onReading(key, reading);
    } catch (error) {
      if (!(error instanceof AppError)) throw error; // else: whoever reads or writes it is told
    }
  }

  /** @throws AppError IO_GONE, IO_FAILED */
  #reading({ wiring, request, index }: HeldLine): ChannelReading {
    const takenUs = this.#services.clock.monotonicUs();
    const level = { value: request.read(index) };
    if (wiring.channel.settings.length === 0) return { level, takenUs };
    return { level, takenUs, settings: { [DEBOUNCE.name]: request.debounceUs(index) } };
  }

  /** @throws AppError why the channel is down */
  #held(key: CircuitKey): HeldLine {
    const line = this.#lines.get(key);
    if (line === undefined) throw circuitNotFound(key, [...this.#lines.keys()]);
    if (line.held === undefined) throw line.problem;
    return { wiring: line.wiring, ...line.held };
  }

  #guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof AppError && error.code === 'IO_GONE') this.#lose(error);
      throw error;
    }
  }
}
