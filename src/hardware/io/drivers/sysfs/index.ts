export { type AttributeFiles, kernelFiles } from './attribute-files.ts';
export { type AttributeOwner, Attributes, errnoName, parseDecimal } from './attributes.ts';
export { learn } from './channel-info.ts';
export { foundIn, shownText, suggestedCircuit } from './found.ts';
export { type ChannelEvents, openSysfsDriver, type SysfsChannel } from './sysfs-driver.ts';
export { Turns } from './turns.ts';
