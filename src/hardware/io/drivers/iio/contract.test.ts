import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeIoDriver } from '../../../../../test/contracts/io-driver.ts';
import { FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { pollingFixture } from '../../../../../test/support/polling-fixture.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { DescriptorListener, DescriptorWatch } from '../../descriptor-watch.ts';
import { iioDriver } from './index.ts';

const DEVICES = 'bus/iio/devices';
const ADC = `${DEVICES}/iio:device0`;
const DAC = `${DEVICES}/iio:device1`;

/** An ADC of 12 bits and 1 mV, which can be captured, and a DAC of 0 to 10 V. */
function plug(sysfs: FakeSysfs): void {
  sysfs.put(`${DEVICES}/trigger0`, { name: 'timer' });
  sysfs.put(ADC, {
    name: 'adc',
    in_voltage0_raw: 0,
    in_voltage0_scale: '1.000000000',
    in_voltage_scale_available: '0.5 1',
    sampling_frequency: 8,
    sampling_frequency_available: '8 16',
  });
  sysfs.put(`${ADC}/scan_elements`, {
    in_voltage0_en: 0,
    in_voltage0_index: 0,
    in_voltage0_type: 'be:s12/16>>4',
  });
  sysfs.put(`${ADC}/buffer`, { enable: 0, length: 2 });
  sysfs.put(`${ADC}/trigger`, { current_trigger: '' });
  sysfs.put(DAC, {
    name: 'dac',
    out_voltage0_raw: 0,
    out_voltage0_scale: 2.5,
    out_voltage_raw_available: '[0 1 4000]',
  });
  writeFileSync(join(sysfs.roots.dev, 'iio:device0'), '');
}
function unplug(sysfs: FakeSysfs): void {
  sysfs.remove(ADC);
  sysfs.remove(DAC);
}
const drive = (sysfs: FakeSysfs, value: number) => {
  const millivoltsPerCount = Number(sysfs.text(`${ADC}/in_voltage0_scale`));
  sysfs.put(ADC, { in_voltage0_raw: Math.round((value * 1000) / millivoltsPerCount) });
};

describeIoDriver('IIO channels', () => {
  const sysfs = new FakeSysfs();
  plug(sysfs);
  const config = {
    kind: 'iio',
    ai: { level: { device: 'adc', channel: 'voltage0' } },
    ao: { valve: { device: 'dac', channel: 'voltage0', minimumRaw: 0 } },
  } as const;
  return pollingFixture(sysfs, (services) => iioDriver(sysfs)('iio', config, services), {
    outputs: ['ao/valve'],
    physical: () => Number(sysfs.text(`${DAC}/out_voltage0_raw`)) * 0.0025,
    inputs: ['ai/level'],
    drive: (_key, value) => drive(sysfs, value),
    unplug: () => unplug(sysfs),
    replug: () => plug(sysfs),
  });
});

/** Gives the ADC's value as a sample, a hundred times a second. */
class SamplingWatch implements DescriptorWatch {
  readonly #sysfs: FakeSysfs;
  readonly #listeners = new Set<DescriptorListener>();

  constructor(sysfs: FakeSysfs) {
    this.#sysfs = sysfs;
  }

  watch(_fd: number, _options: object, listener: DescriptorListener): AsyncDisposable {
    this.#listeners.add(listener);
    const timer = setInterval(() => {
      const bytes = new Uint8Array(2);
      new DataView(bytes.buffer).setInt16(0, Number(this.#sysfs.text(`${ADC}/in_voltage0_raw`)) << 4);
      listener.onBytes(bytes, systemClock.monotonicUs());
    }, 10);
    const stop = async (): Promise<void> => {
      this.#listeners.delete(listener);
      clearInterval(timer);
    };
    return { [Symbol.asyncDispose]: stop };
  }

  end(): void {
    for (const listener of this.#listeners) listener.onEnd(new Error('ENODEV'));
  }
}

describeIoDriver('Captured IIO channels', () => {
  const sysfs = new FakeSysfs();
  plug(sysfs);
  const descriptors = new SamplingWatch(sysfs);
  const ai = { level: { device: 'adc', channel: 'voltage0', trigger: 'timer' } };
  const config = { kind: 'iio', ai, ao: {} } as const;
  return {
    services: { roots: sysfs.roots, descriptors },
    open: (services) => iioDriver(sysfs)('iio', config, services),
    inputs: ['ai/level'],
    drive: (_key, value) => drive(sysfs, value),
    unplug: () => {
      sysfs.remove(`${ADC}/name`);
      descriptors.end();
    },
    replug: () => plug(sysfs),
    release: () => sysfs[Symbol.dispose](),
  };
});
