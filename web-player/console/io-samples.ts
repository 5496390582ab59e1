/** How many samples a sparkline shows. */
export const SAMPLES_SHOWN = 120;
/** A signal that moves less than this part of its range looks calm. */
const CALM = 0.02;

/** The samples with one more; the oldest go. */
export function withSample(samples: readonly number[], value: number): readonly number[] {
  return [...samples.slice(-(SAMPLES_SHOWN - 1)), value];
}

/** What a sparkline is drawn into. */
export interface SparklineArea {
  readonly width: number;
  readonly height: number;
  /** Least and greatest value that the circuit can have, where known. */
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * Points of an SVG polyline, the newest sample at the right edge. The scale fits the samples, but never so closely that
 * the noise of a resting signal fills the height.
 */
export function sparklinePoints(samples: readonly number[], area: SparklineArea): string {
  const { width, height, minimum, maximum } = area;
  const least = Math.min(...samples);
  const greatest = Math.max(...samples);
  const calm = minimum !== undefined && maximum !== undefined ? (maximum - minimum) * CALM : 0;
  const span = Math.max(greatest - least, calm) || 1;
  const bottom = (least + greatest - span) / 2;
  const stride = width / (SAMPLES_SHOWN - 1);
  return samples
    .map((value, index) => {
      const x = width - (samples.length - 1 - index) * stride;
      const y = height * (1 - (value - bottom) / span);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
