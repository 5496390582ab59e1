/** A possible object. */
export interface Candidate {
  readonly label: number;
  /** 0 to 1. */
  readonly confidence: number;
  /** xmin, ymin, xmax, ymax in pixels of the model's input. */
  readonly box: readonly [number, number, number, number];
}

/** What more candidates than this would say is noise; comparing each with each would take seconds. */
const MOST_CANDIDATES = 1000;
const MOST_KEPT = 300;

/**
 * Non-maximum suppression: of candidates of one class that overlap by more than the threshold, the most confident stays.
 * @returns at most 300, the most confident first, chosen among the 1000 most confident.
 */
export function suppress(candidates: readonly Candidate[], iouThreshold: number): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of mostConfident(candidates, MOST_CANDIDATES)) {
    if (kept.length === MOST_KEPT) break;
    const isCovered = kept.some(
      (other) => other.label === candidate.label && overlap(other.box, candidate.box) > iouThreshold,
    );
    if (!isCovered) kept.push(candidate);
  }
  return kept;
}

export function mostConfident(candidates: readonly Candidate[], most = MOST_KEPT): Candidate[] {
  return candidates.toSorted((a, b) => b.confidence - a.confidence).slice(0, most);
}

/** Intersection over union; 0 for boxes without area. */
function overlap(a: Candidate['box'], b: Candidate['box']): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (areaOf(a) + areaOf(b) - both);
}

function areaOf([left, top, right, bottom]: Candidate['box']): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}
