import { ioConfigInvalid } from '../errors.ts';
import type { AnalogInputSettings } from '../settings.ts';

type Point = AnalogInputSettings['calibration'][number];

/**
 * A line through measured points: straight between two, and beyond the first and last as between them and their
 * neighbours.
 */
export class Calibration {
  readonly #points: readonly Point[];

  /**
   * @param points in any order.
   * @param circuit named in errors.
   * @throws AppError IO_CONFIG_INVALID for fewer than two points, or two with the same measured value.
   */
  constructor(points: readonly Point[], circuit: string) {
    this.#points = [...points].sort((a, b) => a.measured - b.measured);
    if (points.length < 2)
      throw ioConfigInvalid(circuit, 'the calibration has one point; expected two at least');
    for (const [place, { measured }] of this.#points.entries()) {
      if (measured === this.#points[place + 1]?.measured) {
        throw ioConfigInvalid(
          circuit,
          `the calibration has two points measured at ${measured}; expected one`,
        );
      }
    }
  }

  actual(measured: number): number {
    const points = this.#points;
    let upper = 1;
    while (upper < points.length - 1 && measured > (points[upper]?.measured ?? 0)) upper += 1;
    const a = points[upper - 1];
    const b = points[upper];
    if (a === undefined || b === undefined) return Number.NaN; // there are two points at least
    return a.actual + ((measured - a.measured) / (b.measured - a.measured)) * (b.actual - a.actual);
  }
}
