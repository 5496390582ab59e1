import { ConfigFields, isObject, type NumberRule } from './config-fields.ts';
import { modelConfigInvalid } from './errors.ts';
import { type InputConfig, MODEL_TYPES, type ModelConfig, type ModelType } from './model-config.ts';

type Triple = readonly [number, number, number];

interface TypeDefaults {
  readonly fit: InputConfig['fit'];
  readonly scale: number;
  readonly mean: Triple;
  readonly confidenceThreshold: number;
}

const ZEROS: Triple = [0, 0, 0];
const ONES: Triple = [1, 1, 1];

/** What each type's usual exports expect; docs/inference.md lists them. */
const DEFAULTS: Readonly<Record<ModelType, TypeDefaults>> = {
  Generic: { fit: 'stretch', scale: 1 / 255, mean: ZEROS, confidenceThreshold: 0 },
  YOLO: { fit: 'letterbox', scale: 1 / 255, mean: ZEROS, confidenceThreshold: 0.5 },
  MobileNet: { fit: 'stretch', scale: 1 / 127.5, mean: ONES, confidenceThreshold: 0.5 },
  Classification: { fit: 'stretch', scale: 1 / 255, mean: ZEROS, confidenceThreshold: 0.1 },
  Segmentation: { fit: 'stretch', scale: 1 / 255, mean: ZEROS, confidenceThreshold: 0.01 },
};
const THREADS = 2;
const IOU_THRESHOLD = 0.45;
const COORDINATE_SIZE = 4;

const MAX_CLASSES = 10_000;
/** What is sent is kept and answered as it is, and whoever writes JSON does so by recursion. */
const MAX_DEPTH = 32;
const SHARE: NumberRule = { min: 0, max: 1, expected: 'a number from 0 to 1' };
const ANY: NumberRule = { expected: 'a number' };
const CLASSES: NumberRule = {
  min: 1,
  max: MAX_CLASSES,
  isInteger: true,
  expected: `a whole number from 1 to ${MAX_CLASSES}`,
};
const EDGE: NumberRule = { min: 8, max: 4096, isInteger: true, expected: 'a whole number from 8 to 4096' };

/**
 * A client's configuration, checked and with the defaults of its type filled in. The names of fields are Robopipe's;
 * docs/inference.md lists them.
 * @throws AppError NN_CONFIG_INVALID, naming the field.
 */
export function parseModelConfig(json: unknown): ModelConfig {
  if (isDeeper(json, MAX_DEPTH)) {
    throw modelConfigInvalid(
      'The depth of the configuration',
      `over ${MAX_DEPTH}`,
      `at most ${MAX_DEPTH} levels`,
    );
  }
  if (!isObject(json)) throw modelConfigInvalid('The configuration', json, 'an object with the field type');
  const outer = new ConfigFields(json, '');
  const type = typeOf(outer);
  const nn = outer.fields('nn_config');
  const fps = outer.number('fps', { min: 0.01, max: 1000, expected: 'a number from 0.01 to 1000' });
  const numClasses = nn.number('num_classes', CLASSES);
  const anchors = nn.numbers('anchors', { min: 1e-6, expected: 'a number above 0' }, 200) ?? [];
  if (anchors.length % 2 !== 0) throw nn.wrong('anchors', 'pairs of width and height');
  return {
    type,
    numInferenceThreads:
      outer.number('num_inference_threads', {
        min: 1,
        max: 64,
        isInteger: true,
        expected: 'a whole number from 1 to 64',
      }) ?? THREADS,
    input: inputOf(outer.fields('input'), DEFAULTS[type]),
    labels: labelsOf(outer),
    ...(fps !== undefined && { fps }),
    executionProvider: outer.text('execution_provider', 50) ?? 'cpu',
    confidenceThreshold: nn.number('confidence_threshold', SHARE) ?? DEFAULTS[type].confidenceThreshold,
    classThresholds: { ...classThresholdsOf(outer), ...classThresholdsOf(nn) },
    iouThreshold: nn.number('iou_threshold', SHARE) ?? IOU_THRESHOLD,
    ...(numClasses !== undefined && { numClasses }),
    coordinateSize:
      nn.number('coordinate_size', { min: 4, max: 4, expected: '4, the only size there is' }) ??
      COORDINATE_SIZE,
    anchors,
    anchorMasks: anchorMasksOf(nn.fields('anchor_masks'), anchors.length / 2),
    original: json,
  };
}

function isDeeper(json: unknown, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return levels === 0 || Object.values(json).some((each) => isDeeper(each, levels - 1));
}

function typeOf(outer: ConfigFields): ModelType {
  if (outer.get('type') === 'MobileNetSSD') return 'MobileNet'; // Robopipe's Studio says so
  const type = outer.oneOf('type', MODEL_TYPES);
  if (type === undefined) throw outer.wrong('type', `one of ${MODEL_TYPES.join(', ')}`);
  return type;
}

function inputOf(input: ConfigFields, defaults: TypeDefaults): InputConfig {
  input.only(['fit', 'channel_order', 'scale', 'mean', 'std', 'width', 'height']);
  const width = input.number('width', EDGE);
  const height = input.number('height', EDGE);
  const std = tripleOf(input, 'std') ?? ONES;
  if (std.includes(0)) throw input.wrong('std', 'numbers other than 0');
  return {
    fit: input.oneOf('fit', ['letterbox', 'stretch']) ?? defaults.fit,
    channelOrder: input.oneOf('channel_order', ['RGB', 'BGR']) ?? 'RGB',
    scale: input.number('scale', ANY) ?? defaults.scale,
    mean: tripleOf(input, 'mean') ?? defaults.mean,
    std,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  };
}

function tripleOf(input: ConfigFields, key: string): Triple | undefined {
  const [first, second, third, ...more] = input.numbers(key, ANY, 3) ?? [];
  if (input.get(key) === undefined) return undefined;
  if (first === undefined || second === undefined || third === undefined || more.length > 0) {
    throw input.wrong(key, 'three numbers, one per channel');
  }
  return [first, second, third];
}

function labelsOf(outer: ConfigFields): readonly string[] {
  const labels = outer.get('labels') ?? [];
  const isFit = (label: unknown): label is string => typeof label === 'string' && label.length <= 200;
  if (!Array.isArray(labels) || labels.length > MAX_CLASSES || !labels.every(isFit)) {
    throw outer.wrong('labels', `a list of at most ${MAX_CLASSES} texts of at most 200 characters`);
  }
  return labels;
}

function classThresholdsOf(holder: ConfigFields): Record<number, number> {
  const thresholds = holder.fields('class_thresholds');
  return Object.fromEntries(
    thresholds.keys().map((key) => {
      if (!/^\d{1,5}$/.test(key)) throw thresholds.wrong(key, 'the number of a class as the field');
      return [Number(key), thresholds.number(key, SHARE) ?? 0];
    }),
  );
}

function anchorMasksOf(masks: ConfigFields, anchors: number): Record<string, readonly number[]> {
  const rule: NumberRule = {
    min: 0,
    max: anchors - 1,
    isInteger: true,
    expected: `the number of an anchor; there are ${anchors}`,
  };
  return Object.fromEntries(masks.keys().map((key) => [key, masks.numbers(key, rule, 100) ?? []]));
}
