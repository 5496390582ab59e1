import type { ModelInput } from './engine.ts';
import { modelConfigInvalid, modelInvalid } from './errors.ts';
import type { InputConfig } from './model-config.ts';
import type { ValueMetadata } from './runtime.ts';

/** For a model that leaves its size open, where the configuration says nothing. */
const OPEN_SIZE = 640;
const LARGEST = 4096;
const DATA_TYPES = ['float32', 'float16', 'uint8', 'int8'] as const;
const EXPECTED =
  'expected is one picture, [1, 3, height, width] or [1, height, width, 3], with 1 or 3 channels';

type Size = number | string;

/**
 * What the model takes, from what the runtime says of it.
 * @throws AppError NN_MODEL_INVALID when that is no picture, NN_CONFIG_INVALID when the configured size is not the model's.
 */
export function modelInputOf(inputs: readonly ValueMetadata[], config: InputConfig): ModelInput {
  const [metadata] = inputs;
  if (metadata === undefined || inputs.length > 1) {
    throw modelInvalid(
      `it has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}); ${EXPECTED}`,
    );
  }
  const { name, shape = [] } = metadata;
  const text = `${name} ${metadata.type ?? 'no tensor'} [${shape.join(', ')}]`;
  const dataType = DATA_TYPES.find((type) => type === metadata.type);
  if (dataType === undefined)
    throw modelInvalid(`its input is ${text}; expected is ${DATA_TYPES.join(', ')}`);
  const [batch, first, second, third, ...more] = shape;
  if (
    batch === undefined ||
    first === undefined ||
    second === undefined ||
    third === undefined ||
    more.length > 0
  ) {
    throw modelInvalid(`its input is ${text}; ${EXPECTED}`);
  }
  const layout = isChannels(third) && !isChannels(first) ? 'NHWC' : 'NCHW';
  const [channels, height, width] = layout === 'NHWC' ? [third, first, second] : [first, second, third];
  const count = typeof channels === 'string' ? 3 : channels;
  if ((batch !== 1 && typeof batch !== 'string') || (count !== 1 && count !== 3)) {
    throw modelInvalid(`its input is ${text}; ${EXPECTED}`);
  }
  const input: ModelInput = {
    name,
    width: sizeOf('width', width, config.width),
    height: sizeOf('height', height, config.height),
    channels: count,
    layout,
    dataType,
  };
  if (Math.max(input.width, input.height) > LARGEST || Math.min(input.width, input.height) < 1) {
    throw modelInvalid(`its input is ${text}; at most ${LARGEST} pixels are possible along a side`);
  }
  return input;
}

function isChannels(size: Size): boolean {
  return size === 1 || size === 3;
}

function sizeOf(side: 'width' | 'height', size: Size, configured: number | undefined): number {
  if (typeof size === 'string') return configured ?? OPEN_SIZE;
  if (configured !== undefined && configured !== size) {
    throw modelConfigInvalid(`input.${side}`, configured, `nothing or ${size}, the model's own size`);
  }
  return size;
}
