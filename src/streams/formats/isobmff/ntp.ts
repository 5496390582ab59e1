/** A moment in NTP's 64-bit format: seconds since 1900 modulo 2^32, and 1/2^32 seconds (RFC 5905 §6). */
export interface NtpTime {
  readonly seconds: number;
  readonly fraction: number;
}

/** 1900-01-01 to 1970-01-01. */
const NTP_TO_UNIX_S = 2_208_988_800;
const ERA_S = 2 ** 32;

/** @param unixUs microseconds since 1970, an integer. */
export function ntpFromUnixUs(unixUs: number): NtpTime {
  const seconds = Math.floor(unixUs / 1_000_000);
  const us = unixUs - seconds * 1_000_000;
  return { seconds: (seconds + NTP_TO_UNIX_S) % ERA_S, fraction: Math.floor((us * ERA_S) / 1_000_000) };
}

/** Microseconds since 1970, for a moment from 1968 to 2104: a clear highest bit means era 1, after February 2036. */
export function unixUsFromNtp({ seconds, fraction }: NtpTime): number {
  const era = seconds < ERA_S / 2 ? ERA_S : 0;
  return (seconds + era - NTP_TO_UNIX_S) * 1_000_000 + Math.round((fraction * 1_000_000) / ERA_S);
}
