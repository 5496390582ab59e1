import type { CircuitKey, Health, Level } from '../../src/hardware/io/circuit.ts';
import type { DescriptorListener, DescriptorWatch } from '../../src/hardware/io/descriptor-watch.ts';
import type { DriverServices, IoDriver } from '../../src/hardware/io/driver.ts';
import { RecordingListener } from '../contracts/recording-listener.ts';
import { FakeClock, settle } from './fake-clock.ts';

const silent = () => undefined;

/** A watch of which the test says what it has read. */
export class FakeDescriptorWatch implements DescriptorWatch {
  readonly watched = new Map<number, DescriptorListener & { readonly maxBytes: number }>();

  watch(
    fd: number,
    { maxBytes }: { readonly maxBytes: number },
    listener: DescriptorListener,
  ): AsyncDisposable {
    this.watched.set(fd, { ...listener, maxBytes });
    return { [Symbol.asyncDispose]: async () => void this.watched.delete(fd) };
  }

  /** The only descriptor that is watched. */
  get only(): DescriptorListener & { readonly maxBytes: number } {
    const [listener] = this.watched.values();
    if (listener === undefined || this.watched.size !== 1)
      throw new Error(`${this.watched.size} are watched.`);
    return listener;
  }
}

/** What a driver is given in a test; remembers what it tells. */
export class RecordedServices implements DriverServices {
  readonly clock = new FakeClock();
  readonly descriptors = new FakeDescriptorWatch();
  readonly listener = new RecordingListener();
  readonly log = { debug: silent, info: silent, warn: silent, error: silent };
  readonly roots: DriverServices['roots'];
  readonly initialLevels = new Map<CircuitKey, Level>();

  constructor(roots: DriverServices['roots']) {
    this.roots = roots;
  }

  initialLevel(key: CircuitKey): Level | undefined {
    return this.initialLevels.get(key);
  }

  /** What was told of a circuit last. */
  health(key: CircuitKey): Health | undefined {
    return this.listener.healthOf(key);
  }

  /** Lets time pass until a circuit has a state, looking at files as often as that takes. */
  async until(key: CircuitKey, state: Health['state']): Promise<Health> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const health = this.health(key);
      if (health?.state === state) return health;
      await this.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 1)); // files are read meanwhile
    }
    throw new Error(`${key} is ${JSON.stringify(this.health(key))}, not ${state}.`);
  }
}

/** A signal that nobody aborts, for calls. */
export const patient = { signal: new AbortController().signal };

/** Opens a driver and waits until it has told its health. */
export async function opened(driver: Promise<IoDriver>): Promise<IoDriver> {
  const open = await driver;
  await settle();
  return open;
}
