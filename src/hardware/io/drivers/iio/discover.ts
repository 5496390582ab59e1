import type { Discover, FoundHardware } from '../../discovery.ts';
import { foundIn, kernelFiles, suggestedCircuit } from '../sysfs/index.ts';
import { channelsIn } from './channel-attributes.ts';
import { type IioDevice, iioDevices } from './iio-devices.ts';
import { iioOwner } from './iio-owner.ts';

/** Looks for devices in `/sys/bus/iio`; nothing is converted. */
export const discoverIio: Discover = async ({ sys }) => {
  const devices = await iioDevices(sys, iioOwner('IIO', kernelFiles));
  const sorted = devices.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  return Promise.all(sorted.map((device) => describe(device, devices)));
};

async function describe(found: IioDevice, all: readonly IioDevice[]): Promise<FoundHardware> {
  const { id, folder, name, label, place } = found;
  const isAlone = all.filter((each) => each.name === name).length === 1;
  const device = label ?? (isAlone && name !== '' ? name : place);
  const attributes = await foundIn(folder);
  const inputs = channelsIn(attributes, 'in');
  const outputs = channelsIn(attributes, 'out');
  const hasRange = (channel: string) => attributes.includes(`out_${channel}_raw_available`);
  const circuits = (channels: readonly string[]) => {
    return Object.fromEntries(
      channels.map((channel) => [suggestedCircuit(`${device}_${channel}`), { device, channel }]),
    );
  };
  const usable = outputs.filter(hasRange);
  return {
    title: `${id}  ${label === undefined ? name : `${label} (${name})`}  ${place}`,
    details: [
      ...inputs.map((channel) => `in   ${channel}`),
      ...outputs.map((channel) => `out  ${channel}${hasRange(channel) ? '' : '  needs maximumRaw'}`),
    ],
    ...(inputs.length + usable.length > 0 && {
      suggestion: {
        name: suggestedCircuit(device),
        config: { kind: 'iio', ai: circuits(inputs), ao: circuits(usable) },
      },
    }),
  };
}
