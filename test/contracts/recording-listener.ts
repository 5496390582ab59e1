import { systemClock } from '../../src/core/clock.ts';
import type { ChannelReading, CircuitKey, Edge, Health } from '../../src/hardware/io/circuit.ts';
import type { DriverServices, IoListener } from '../../src/hardware/io/driver.ts';

/** Keeps all that a driver tells, in order. */
export class RecordingListener implements IoListener {
  readonly edges: { readonly key: CircuitKey; readonly edge: Edge }[] = [];
  readonly readings: { readonly key: CircuitKey; readonly reading: ChannelReading }[] = [];
  readonly healths: { readonly key: CircuitKey; readonly health: Health }[] = [];

  onEdge(key: CircuitKey, edge: Edge): void {
    this.edges.push({ key, edge });
  }

  onReading(key: CircuitKey, reading: ChannelReading): void {
    this.readings.push({ key, reading });
  }

  onHealth(keys: readonly CircuitKey[], health: Health): void {
    for (const key of keys) this.healths.push({ key, health });
  }

  /** What was told of a channel last; undefined while it is down with IO_STARTING. */
  healthOf(key: CircuitKey): Health | undefined {
    return this.healths.findLast((told) => told.key === key)?.health;
  }

  edgesOf(key: CircuitKey): readonly Edge[] {
    return this.edges.filter((told) => told.key === key).map(({ edge }) => edge);
  }

  readingsOf(key: CircuitKey): readonly ChannelReading[] {
    return this.readings.filter((told) => told.key === key).map(({ reading }) => reading);
  }

  /** How many calls there were. */
  get calls(): number {
    return this.edges.length + this.readings.length + this.healths.length;
  }
}

/**
 * What a driver is given, for tests: the machine's clock and roots, no initial levels, nobody who reads the log. A
 * driver that watches descriptors is given a DescriptorWatch of the test's own.
 */
export function driverServices(listener: IoListener, own: Partial<DriverServices> = {}): DriverServices {
  const ignore = () => {};
  return {
    listener,
    clock: systemClock,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    initialLevel: () => undefined,
    descriptors: {
      watch: () => {
        throw new Error('this test was given no DescriptorWatch');
      },
    },
    roots: { sys: '/sys', dev: '/dev' },
    ...own,
  };
}
