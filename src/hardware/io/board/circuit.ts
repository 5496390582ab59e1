import type { ChannelReading, Edge, Health, SettingInfo, SettingValue } from '../circuit.ts';
import type { CircuitView } from '../circuit-view.ts';
import type { CircuitRecord } from './circuit-record.ts';

/** A circuit as the board has it: what a channel becomes by processing. */
export interface Circuit extends Disposable {
  readonly record: CircuitRecord;
  /** The driver's, and those added here. */
  readonly settings: readonly SettingInfo[];
  view(): CircuitView;
  onReading(reading: ChannelReading): void;
  onEdge(edge: Edge): void;
  /** The record has the new health already. */
  onHealth(before: Health['state']): void;
  /** Changes settings that have been checked. @throws AppError of the driver; STATE_UNWRITABLE */
  configure(settings: Readonly<Record<string, SettingValue>>): Promise<void>;
}

/** Changes settings of the driver and reads what has come of it. */
export async function configureDriver(
  { record, onReading }: { record: CircuitRecord; onReading: (reading: ChannelReading) => void },
  settings: Readonly<Record<string, SettingValue>>,
): Promise<void> {
  const { bus } = record.place;
  const reading = await bus.queue.run(async (call) => {
    await call((options) => bus.driver.configure(record.key, settings, options));
    return await call((options) => bus.driver.read(record.key, options));
  });
  onReading(reading);
}
