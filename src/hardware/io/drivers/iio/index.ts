import type { DriverServices, OpenDriver } from '../../driver.ts';
import { ioConfigInvalid } from '../../errors.ts';
import { type AttributeFiles, kernelFiles, openSysfsDriver, type SysfsChannel } from '../sysfs/index.ts';
import { AdcChannel } from './adc-channel.ts';
import { Capture } from './capture.ts';
import { CapturedChannel } from './captured-channel.ts';
import type { IioConfig } from './config.ts';
import { DacChannel } from './dac-channel.ts';
import { iioOwner } from './iio-owner.ts';

export { discoverIio } from './discover.ts';

/** ADCs and DACs whose attributes are read and written by `files`. */
export function iioDriver(files: AttributeFiles): OpenDriver<IioConfig> {
  return async (name, config, services) => {
    for (const [circuit, { minimumRaw, maximumRaw = minimumRaw }] of Object.entries(config.ao)) {
      if (maximumRaw < minimumRaw) {
        throw ioConfigInvalid(
          name,
          `ao/${circuit}: maximumRaw ${maximumRaw} is below minimumRaw ${minimumRaw}.`,
        );
      }
    }
    const dacs = Object.entries(config.ao).map(
      ([circuit, channel]) => new DacChannel(circuit, channel, services, files),
    );
    return openSysfsDriver([...adcs(name, config, services, files), ...dacs], services);
  };
}

/** ADCs and DACs of this machine. */
export const openIio = iioDriver(kernelFiles);

function adcs(
  name: string,
  { ai }: IioConfig,
  services: DriverServices,
  files: AttributeFiles,
): SysfsChannel[] {
  const captures = new Map<string, { readonly capture: Capture; readonly trigger: string }>();
  return Object.entries(ai).map(([circuit, config]) => {
    const { device, trigger } = config;
    if (trigger === undefined) return new AdcChannel(circuit, config, services, files);
    const owner = iioOwner(`IIO ${device}`, files);
    const shared = captures.get(device) ?? {
      trigger,
      capture: new Capture({ device, trigger, services, owner }),
    };
    if (shared.trigger !== trigger) {
      throw ioConfigInvalid(
        name,
        `${device} has one trigger for all channels, not ${shared.trigger} and ${trigger}.`,
      );
    }
    const twice = Object.entries(ai).find(([other, { device: its, channel }]) => {
      return other !== circuit && its === device && channel === config.channel;
    });
    if (twice !== undefined)
      throw ioConfigInvalid(name, `ai/${circuit} and ai/${twice[0]} capture the same channel.`);
    captures.set(device, shared);
    return new CapturedChannel(circuit, config, services, files, shared.capture);
  });
}
