import type { PlayerStats } from './player-stats.ts';

/** The lines of the overlay; what is unknown is left out. */
export function overlayLines(stats: PlayerStats): string[] {
  const { format, latencyMs, roundTripMs } = stats;
  const dropped = stats.picturesDropped + stats.fragmentsDropped;
  return [
    [stats.state, latencyMs === undefined ? '' : `${latencyMs.toFixed(0)} ms`],
    format ? [`${format.width}×${format.height}`, format.codec] : [],
    [`${stats.frameRate.toFixed(1)} fps`, `${stats.bitrateKbps.toFixed(0)} kbit/s`],
    [`${dropped} dropped`, roundTripMs === undefined ? '' : `${roundTripMs.toFixed(1)} ms round trip`],
  ]
    .map((line) => line.filter((part) => part !== '').join(' · '))
    .filter((line) => line !== '');
}
