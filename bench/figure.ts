/** One line of the benchmark: a figure, its budget, and the reference measured in the same run. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly budget: string;
  readonly isMet: boolean;
  readonly reference?: string;
  /** The raw numbers, for whoever wants to compare runs. */
  readonly values: Readonly<Record<string, number>>;
}

/** The value below which the given part (0 to 1) of the samples lies. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;
