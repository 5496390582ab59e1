/** First bytes of every NUT file or stream (NUT specification, "file_id_string"), with its zero terminator. */
export const FILE_ID: Uint8Array = Buffer.from('nut/multimedia container\0', 'latin1');

/** Start codes of the NUT packets, as the 64-bit big-endian numbers that stand in the stream. */
export const START_CODES = {
  main: 0x4e4d_7a56_1f5f_04adn,
  stream: 0x4e53_1140_5bf2_f9dbn,
  syncpoint: 0x4e4b_e4ad_eeca_4569n,
  index: 0x4e58_dd67_2f23_e64en,
  info: 0x4e49_ab68_b596_ba78n,
} as const;

/** First byte of every start code, and therefore never a frame code: `N`. */
export const START_CODE_BYTE = 0x4e;

/** Flags of a frame code (NUT specification, "frame code flags"). */
export const FRAME_FLAGS = {
  key: 1,
  endOfRelevance: 2,
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

/** Main header flag of version 4: frames may stand any distance from the last syncpoint. */
export const MAIN_FLAG_PIPE = 2;
