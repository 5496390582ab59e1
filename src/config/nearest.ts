/** Number of edits between two words: insert, delete, replace, swap neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  const cost = (from: number[], index: number, extra: number): number => (from[index] ?? 0) + extra;
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          cost(row, j, 1),
          cost(next, j - 1, 1),
          cost(row, j - 1, isSame ? 0 : 1),
          isSwap ? cost(before, j - 2, 1) : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return cost(row, b.length, 0);
}

const letters = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The word that was probably meant, or undefined when none is close. Case, `-` and `_` do not count. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const seen = letters(word).slice(0, 64);
  const ranked = words
    .map((candidate) => ({ candidate, edits: distance(seen, letters(candidate)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.floor(best.candidate.length / 3)
    ? best.candidate
    : undefined;
}
