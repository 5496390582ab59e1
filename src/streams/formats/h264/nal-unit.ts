/** NAL unit types this service looks at (ITU-T H.264 table 7-1). */
export const NAL_UNIT_TYPE = {
  idrSlice: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  fillerData: 12,
} as const;

/** `nal_unit_type` of a NAL unit without start code or length; 0 (unspecified) for an empty one. */
export function nalUnitType(nalUnit: Uint8Array): number {
  return (nalUnit[0] ?? 0) & 0x1f;
}
