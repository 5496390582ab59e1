import type { ChannelReading, SettingInfo, SettingValue } from '../circuit.ts';
import type { CircuitView } from '../circuit-view.ts';
import { type Circuit, configureDriver } from './circuit.ts';
import type { CircuitRecord } from './circuit-record.ts';

/** A circuit that has only settings and details: a slave, a bus, the device itself. */
export class PlainCircuit implements Circuit {
  readonly record: CircuitRecord;
  readonly settings: readonly SettingInfo[];

  constructor(record: CircuitRecord) {
    this.record = record;
    this.settings = record.place.channel.settings;
  }

  view(): CircuitView {
    const { settings } = this;
    return this.record.view({
      settings,
      settingValues: this.record.reading?.settings ?? {},
      isOverRange: false,
    });
  }

  onReading(reading: ChannelReading): void {
    if (this.record.accept(reading)) this.record.tell('setting', undefined);
  }

  onEdge(): void {}

  onHealth(): void {}

  configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    return configureDriver(
      { record: this.record, onReading: (reading) => this.onReading(reading) },
      settings,
    );
  }

  [Symbol.dispose](): void {}
}
