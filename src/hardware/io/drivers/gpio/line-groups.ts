import { VALUES } from './layout.ts';
import { countAttributes, type LineSettings } from './line-config.ts';
import type { TakenLine } from './line-request.ts';

/**
 * Shares lines out among requests, as few as can be: outputs of one request change together. The kernel takes 64 lines
 * and 10 attributes for each, and room is kept for what may be asked later: a debounce period of its own for each
 * input with edges (10 inputs with the same flags), and taking over outputs that are left as they are.
 */
export function groupLines(lines: readonly TakenLine[]): TakenLine[][] {
  const groups: TakenLine[][] = [];
  for (const line of lines) {
    const group = groups.find((each) => isAlike(each[0], line) && fits([...each, line]));
    if (group === undefined) groups.push([line]);
    else group.push(line);
  }
  return groups;
}

/** Inputs with edges, inputs without, and outputs keep to themselves. */
function isAlike(first: TakenLine | undefined, { wiring }: TakenLine): boolean {
  return (
    first?.wiring.hasEdges === wiring.hasEdges && first.wiring.channel.direction === wiring.channel.direction
  );
}

function fits(lines: readonly TakenLine[]): boolean {
  if (lines.length > VALUES.GPIO_V2_LINES_MAX) return false;
  return countAttributes(lines.flatMap(mostDemanding)) <= VALUES.GPIO_V2_LINE_NUM_ATTRS_MAX;
}

/** All settings a line may come to have while it is requested. */
function mostDemanding({ wiring, settings }: TakenLine, index: number): LineSettings[] {
  const { flags, asIsFlags, hasEdges, channel } = wiring;
  if (channel.direction === 'input') return [hasEdges ? { flags, debounceUs: index + 1 } : { flags }];
  const used: LineSettings = { flags, value: 0 };
  return settings.value === undefined ? [used, { flags: asIsFlags }] : [used];
}
