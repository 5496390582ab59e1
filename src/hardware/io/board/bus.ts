import type { Clock } from '../../../core/clock.ts';
import type { ChannelReading, CircuitKey } from '../circuit.ts';
import type { IoDriver } from '../driver.ts';
import { CallQueue } from './call-queue.ts';

/** One bus of one driver: its channels are called one after the other. */
export class Bus {
  readonly driver: IoDriver;
  readonly queue: CallQueue;

  /** @param name the driver's and the bus's, for messages. */
  constructor(name: string, driver: IoDriver, clock: Clock) {
    this.driver = driver;
    this.queue = new CallQueue(name, clock);
  }

  /** @throws AppError IO_OVERLOADED, IO_TIMEOUT, and what the driver throws. */
  read(key: CircuitKey): Promise<ChannelReading> {
    return this.queue.run((call) => call((options) => this.driver.read(key, options)));
  }
}
