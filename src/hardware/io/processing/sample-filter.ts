import type { AnalogInputSettings } from '../settings.ts';

/** Takes a sample, returns the smoothed value; over fewer samples while there are fewer. */
export type SampleFilter = (sample: number) => number;

export function createSampleFilter(filter: AnalogInputSettings['filter'], length: number): SampleFilter {
  switch (filter) {
    case 'none':
      return (sample) => sample;
    case 'average':
      return average(length);
    case 'median':
      return median(length);
  }
}

function average(length: number): SampleFilter {
  const samples = new Float64Array(length);
  let count = 0;
  let next = 0;
  let sum = 0;
  return (sample) => {
    sum += sample - (samples[next] ?? 0);
    samples[next] = sample;
    next = (next + 1) % length;
    count = Math.min(count + 1, length);
    // Added up anew once a round: rounding errors do not pile up.
    if (next === 0) sum = samples.reduce((total, one) => total + one, 0);
    return sum / count;
  };
}

/** Of an even number of samples, the mean of the two in the middle. */
function median(length: number): SampleFilter {
  const samples = new Float64Array(length);
  const sorted = new Float64Array(length);
  let count = 0;
  let next = 0;

  /** First place in `sorted` whose sample is not less. */
  const placeOf = (sample: number): number => {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) < sample) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return (sample) => {
    if (count === length) {
      const gone = placeOf(samples[next] ?? 0);
      sorted.copyWithin(gone, gone + 1, count);
      count -= 1;
    }
    const place = placeOf(sample);
    sorted.copyWithin(place + 1, place, count);
    sorted[place] = sample;
    count += 1;
    samples[next] = sample;
    next = (next + 1) % length;
    return ((sorted[(count - 1) >> 1] ?? 0) + (sorted[count >> 1] ?? 0)) / 2;
  };
}
