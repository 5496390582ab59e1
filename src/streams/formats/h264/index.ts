export { accessUnitFromAnnexB, accessUnitFromNalUnits } from './access-unit.ts';
export { splitAnnexB } from './annex-b.ts';
export { withBitstreamRestriction } from './bitstream-restriction.ts';
export { codecConfig, parseAvcC } from './codec-config.ts';
export { lengthPrefixedNalUnits } from './length-prefixed.ts';
export { NAL_UNIT_TYPE, nalUnitType } from './nal-unit.ts';
export { parseSps } from './sps.ts';
export type { AspectRatio } from './vui.ts';
