import type { Detection, DetectionsResult } from './detections-message.ts';

/** Results that wait for their picture, and for how long after their arrival. */
const MAX_RESULTS = 120;
const MAX_AGE_MS = 2_000;
/** Beyond this distance in time a result says nothing of a picture. */
const HOLD_S = 0.3;
/** An object is carried on by its speed for so long, and then stays where that has brought it. */
const EXTRAPOLATE_S = 0.2;
/** How far, in parts of the picture, an object may move between two results and still be the same. */
const REACH = 0.25;

/** What to draw with a picture. */
export interface DetectionsOfPicture {
  readonly boxes: readonly Detection[];
  readonly verdict: string | undefined;
  /** Whether they were computed on this very picture, and not on others around it. */
  readonly isOwn: boolean;
}

/** A result whose picture has been shown. */
export interface ToldResult {
  readonly result: DetectionsResult;
  /** False when its picture was passed before the result came, or was never shown. */
  readonly wasOnItsPicture: boolean;
}

/** The results of the last two seconds by the pictures they belong to. Pure: the caller has the clock. */
export class DetectionTrack {
  /** In the order of their pictures, which is that of their arrival. */
  #results: {
    readonly result: DetectionsResult;
    readonly atMs: number;
    wasDrawn: boolean;
    wasTold: boolean;
  }[] = [];

  /** A result has arrived. One that lies before its predecessor begins another timeline. */
  push(result: DetectionsResult, nowMs: number): void {
    const last = this.#results.at(-1);
    if (last !== undefined && result.ptsS <= last.result.ptsS) this.#results = [];
    this.#results.push({ result, atMs: nowMs, wasDrawn: false, wasTold: false });
    this.#results = this.#results.filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS).slice(-MAX_RESULTS);
  }

  /**
   * What belongs on the picture that is shown now: its own result, or what the results around it say of its moment.
   * @param toleranceS how far a result's time may be from the picture's to be its own: half a picture.
   */
  at(ptsS: number, toleranceS: number, nowMs: number): DetectionsOfPicture {
    const fresh = this.#results.filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS);
    const distanceS = (entry: { readonly result: DetectionsResult }) => Math.abs(entry.result.ptsS - ptsS);
    const [nearest] = [...fresh].sort((a, b) => distanceS(a) - distanceS(b));
    if (nearest !== undefined && distanceS(nearest) <= toleranceS) {
      nearest.wasDrawn = true;
      return { boxes: nearest.result.boxes, verdict: nearest.result.verdict, isOwn: true };
    }
    return between(
      fresh.map(({ result }) => result),
      ptsS,
    );
  }

  /** Results that nobody was told of yet and whose picture is the shown one or lies before it, each once. */
  tell(ptsS: number, toleranceS: number): ToldResult[] {
    const due = this.#results.filter(({ result, wasTold }) => !wasTold && result.ptsS <= ptsS + toleranceS);
    for (const entry of due) entry.wasTold = true;
    return due.map(({ result, wasDrawn }) => ({ result, wasOnItsPicture: wasDrawn }));
  }
}

/** Between two results objects move evenly; behind the newest they go on as they came. */
function between(results: readonly DetectionsResult[], ptsS: number): DetectionsOfPicture {
  const at = results.findLastIndex((result) => result.ptsS < ptsS);
  const before = results[at];
  if (before === undefined || ptsS - before.ptsS > HOLD_S) {
    return { boxes: [], verdict: undefined, isOwn: false };
  }
  const isNear = (other: DetectionsResult) => Math.abs(other.ptsS - before.ptsS) <= HOLD_S;
  const [after, earlier] = [results[at + 1], results[at - 1]];
  let boxes = before.boxes;
  if (after !== undefined && isNear(after)) {
    boxes = moved(before.boxes, after.boxes, (ptsS - before.ptsS) / (after.ptsS - before.ptsS));
  } else if (earlier !== undefined && isNear(earlier)) {
    const aheadS = Math.min(EXTRAPOLATE_S, ptsS - before.ptsS);
    boxes = moved(before.boxes, earlier.boxes, -aheadS / (before.ptsS - earlier.ptsS));
  }
  return { boxes, verdict: before.verdict, isOwn: false };
}

/** Each box on its way to its partner; those without one stay. */
function moved(boxes: readonly Detection[], others: readonly Detection[], share: number): Detection[] {
  const partners = partnersOf(boxes, others);
  return boxes.map((box) => {
    const { coords } = partners.get(box) ?? box;
    const [xmin, ymin, xmax, ymax] = box.coords;
    return {
      ...box,
      coords: [
        xmin + (coords[0] - xmin) * share,
        ymin + (coords[1] - ymin) * share,
        xmax + (coords[2] - xmax) * share,
        ymax + (coords[3] - ymax) * share,
      ],
    };
  });
}

/** The same objects in two results: equal labels, the nearest first. */
function partnersOf(boxes: readonly Detection[], others: readonly Detection[]): Map<Detection, Detection> {
  const pairs = boxes
    .flatMap((box) => others.map((other) => ({ box, other, distance: distance(box, other) })))
    .filter(({ box, other, distance }) => box.label === other.label && distance <= REACH)
    .sort((a, b) => a.distance - b.distance);
  const partners = new Map<Detection, Detection>();
  const taken = new Set<Detection>();
  for (const { box, other } of pairs) {
    if (partners.has(box) || taken.has(other)) continue;
    partners.set(box, other);
    taken.add(other);
  }
  return partners;
}

/** From centre to centre, in parts of the picture. */
function distance({ coords: a }: Detection, { coords: b }: Detection): number {
  return Math.hypot(a[0] + a[2] - b[0] - b[2], a[1] + a[3] - b[1] - b[3]) / 2;
}
