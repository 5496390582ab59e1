import type { RegisterBlock } from './hw-definition.ts';
import { covers, type RegisterRange } from './registers.ts';

/** Coils outside every block are read seldom: nothing but a client changes them. */
const COIL_FREQUENCY = 50;

/** Which blocks of a slave are read when. */
export class ScanPlan {
  readonly blocks: readonly RegisterBlock[];

  /** @param coils coils that circuits read; definitions have no blocks of them. */
  constructor(blocks: readonly RegisterBlock[], coils: readonly RegisterRange[]) {
    this.blocks = [...blocks, ...coils.map((range) => ({ ...range, frequency: COIL_FREQUENCY }))];
  }

  /** Blocks of a scan cycle, from 0: the first cycle reads all. */
  cycle(number: number): readonly RegisterBlock[] {
    return this.blocks.filter(({ frequency }) => number % frequency === 0);
  }

  /** @returns the block that has all of a range, or undefined when none has. */
  blockOf(range: RegisterRange): RegisterBlock | undefined {
    return this.blocks.find((block) => covers(block, range));
  }
}
