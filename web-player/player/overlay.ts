import type { DetectionFigures } from './detections-layer.ts';
import type { PlayerStats } from './player-stats.ts';

/** The lines of the overlay; what is unknown is left out. */
export function overlayLines(stats: PlayerStats): string[] {
  const { format, latencyMs, roundTripMs, detections } = stats;
  const dropped = stats.picturesDropped + stats.fragmentsDropped;
  return [
    [stats.state, latencyMs === undefined ? '' : `${latencyMs.toFixed(0)} ms`],
    format ? [`${format.width}×${format.height}`, format.codec] : [],
    [`${stats.frameRate.toFixed(1)} fps`, `${stats.bitrateKbps.toFixed(0)} kbit/s`],
    [`${dropped} dropped`, roundTripMs === undefined ? '' : `${roundTripMs.toFixed(1)} ms round trip`],
    detections ? detectionParts(detections) : [],
  ]
    .map((line) => line.filter((part) => part !== '').join(' · '))
    .filter((line) => line !== '');
}

function detectionParts({ rate, latencyMs, matched }: DetectionFigures): string[] {
  return [
    `${rate.toFixed(1)} inferences/s`,
    latencyMs === undefined ? '' : `${latencyMs.toFixed(0)} ms`,
    matched === undefined ? '' : `${(matched * 100).toFixed(0)} % matched`,
  ];
}
