/** One found object. */
export interface Detection {
  /** Number of the class. */
  readonly label: number;
  /** 0 to 1. */
  readonly confidence: number;
  /** xmin, ymin, xmax, ymax, each 0 to 1 of the picture. */
  readonly coords: readonly [number, number, number, number];
  /** The class's name, where the model's configuration names classes. */
  readonly name?: string;
}

/** What the service sends of one picture; openapi/websocket.md has all fields. */
export interface DetectionsMessage {
  /** Generic models give their numbers, all others what they found. */
  readonly detections: readonly Detection[] | readonly number[];
  /** When the picture is shown, in ticks of the video's timeline; null when it is in no video. */
  readonly pts: number | null;
  readonly timescale: number;
  /** Names of the classes, by number. */
  readonly labels?: readonly string[];
  /** From capture to result. */
  readonly latency_ms?: number;
}

/** A message with what is drawn of it. */
export interface DetectionsResult {
  readonly message: DetectionsMessage;
  /** Presentation time of its picture on the stream's timeline, in seconds. */
  readonly ptsS: number;
  readonly latencyMs: number | undefined;
  readonly boxes: readonly Detection[];
  /** What a Generic model's numbers say: the place of the largest, and it. */
  readonly verdict: string | undefined;
}

const MAX_MESSAGE_CHARACTERS = 1024 * 1024;
/** More cannot be told apart on a picture; the most confident come first. */
const MAX_BOXES = 100;

/** @returns undefined for what is no result, and for a result that belongs to no picture of the video. */
export function readDetections(text: string): DetectionsResult | undefined {
  if (text.length > MAX_MESSAGE_CHARACTERS) return undefined;
  let message: { -readonly [Key in keyof DetectionsMessage]?: unknown } | null;
  try {
    message = JSON.parse(text); // any: the fields are checked below
  } catch {
    return undefined;
  }
  const { detections, pts, timescale, labels, latency_ms } = message ?? {};
  if (!Array.isArray(detections) || !isNumber(pts) || !isNumber(timescale) || timescale <= 0) {
    return undefined;
  }
  return {
    message: message as DetectionsMessage, // as far as it matters it was checked; the rest is the service's word
    ptsS: pts / timescale,
    latencyMs: isNumber(latency_ms) ? latency_ms : undefined,
    boxes: detections.filter(isDetection).slice(0, MAX_BOXES),
    verdict: verdictOf(detections, Array.isArray(labels) ? labels : []),
  };
}

function verdictOf(values: readonly unknown[], labels: readonly unknown[]): string | undefined {
  let place = -1;
  let largest = Number.NEGATIVE_INFINITY;
  for (const [index, value] of values.entries()) {
    if (!isNumber(value) || value <= largest) continue;
    place = index;
    largest = value;
  }
  return place < 0 ? undefined : `${labels[place] ?? place} · ${largest.toPrecision(3)}`;
}

function isDetection(value: unknown): value is Detection {
  const { label, confidence, coords }: Partial<Record<keyof Detection, unknown>> = value ?? {};
  return (
    isNumber(label) &&
    isNumber(confidence) &&
    Array.isArray(coords) &&
    coords.length === 4 &&
    coords.every(isNumber)
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
