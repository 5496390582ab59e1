import { join } from 'node:path';
import type { Discover } from '../../discovery.ts';
import type { OpenDriver } from '../../driver.ts';
import { type AttributeFiles, foundIn, kernelFiles, openSysfsDriver, shownText } from '../sysfs/index.ts';
import type { PwmConfig } from './config.ts';
import { PwmChannel } from './pwm-channel.ts';

/** PWM channels whose attributes are read and written by `files`. */
export function pwmDriver(files: AttributeFiles): OpenDriver<PwmConfig> {
  return async (_name, config, services) => {
    const channels = Object.entries(config.do).map(
      ([circuit, channel]) => new PwmChannel(circuit, channel, services, files),
    );
    return openSysfsDriver(channels, services);
  };
}

/** PWM channels of this machine. */
export const openPwm = pwmDriver(kernelFiles);

/** Looks for chips in `/sys/class/pwm`. */
export const discoverPwm: Discover = async ({ sys }) => {
  const folder = join(sys, 'class/pwm');
  const chips = (await foundIn(folder)).filter((name) => /^pwmchip\d{1,5}$/.test(name));
  return Promise.all(
    chips.map(async (chip) => {
      const count = Number(await shownText(join(folder, chip), 'npwm'));
      const channels = Array.from(
        { length: count >= 1 && count <= 1024 ? Math.floor(count) : 0 },
        (_, n) => n,
      );
      const exported = await foundIn(join(folder, chip));
      const details = channels.map((channel) => {
        return `channel ${channel}  ${exported.includes(`pwm${channel}`) ? 'exported' : 'free'}`;
      });
      const title = `${chip}  ${channels.length} channel${channels.length === 1 ? '' : 's'}`;
      if (channels.length === 0) return { title, details };
      const circuits = channels.map((channel) => [`${chip}_${channel}`, { chip, channel }]);
      return {
        title,
        details,
        suggestion: { name: chip, config: { kind: 'pwm', do: Object.fromEntries(circuits) } },
      };
    }),
  );
};
