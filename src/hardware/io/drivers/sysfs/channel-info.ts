import type { ChannelInfo, SettingInfo } from '../../circuit.ts';

/**
 * Adds to a channel's description what only its hardware tells. In place, as the board holds on to the description
 * and its list of settings from before the hardware was there.
 */
export function learn(info: ChannelInfo, { settings, ...rest }: Partial<ChannelInfo>): void {
  Object.assign(info, rest);
  // The channels of these drivers make their lists for this; to everyone else they are read-only.
  const known = info.settings as SettingInfo[];
  if (settings !== undefined) known.splice(0, known.length, ...settings);
}
