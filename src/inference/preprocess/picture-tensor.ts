import type { InferencePicture, ModelInput } from '../engine.ts';
import type { ModelConfig } from '../model-config.ts';
import { type Placement, place } from './placement.ts';
import { BELOW, newData, type TensorData, valuesOf } from './sample-values.ts';
import { type PlaneTable, type Sampling, samplingOf, WEIGHT_BITS } from './sampling.ts';

/** What letterboxing fills with, as the training of YOLO does. */
const PADDING = 114;
const HALF = 1 << (2 * WEIGHT_BITS - 1);

// BT.601, luma 16 to 235, in 1/65536.
const LUMA = 76309;
const RED_V = 104597;
const GREEN_U = 25675;
const GREEN_V = 53279;
const BLUE_U = 132201;

type Values = readonly [TensorData, TensorData, TensorData];

interface Plan {
  readonly picture: Omit<InferencePicture, 'data'>;
  readonly placement: Placement;
  readonly sampling: Sampling;
}

/**
 * A model's input as memory that pictures are written into, one after the other. A picture is sampled straight from
 * its luma and chroma, bilinearly between neighbours; tables made for its size say where.
 */
export class PictureTensor {
  readonly data: TensorData;
  readonly shape: readonly number[];
  readonly #input: ModelInput;
  readonly #config: ModelConfig;
  /** Of red, green and blue. */
  readonly #values: Values;
  /** Where red, green and blue of the first pixel lie. */
  readonly #channels: readonly [number, number, number];
  readonly #pixelStep: number;
  /** Samples of the row in work. */
  readonly #light: Int32Array;
  readonly #u: Int32Array;
  readonly #v: Int32Array;
  #plan: Plan | undefined;

  constructor(input: ModelInput, config: ModelConfig) {
    const { width, height, channels, layout } = input;
    this.#input = input;
    this.#config = config;
    this.data = newData(input.dataType, width * height * channels);
    this.shape = layout === 'NCHW' ? [1, channels, height, width] : [1, height, width, channels];
    this.#pixelStep = layout === 'NCHW' ? 1 : channels;
    this.#light = new Int32Array(width);
    this.#u = new Int32Array(width);
    this.#v = new Int32Array(width);
    const isBgr = config.input.channelOrder === 'BGR' && channels === 3;
    const channelOf = isBgr ? ([2, 1, 0] as const) : ([0, 1, 2] as const);
    const channelStep = layout === 'NCHW' ? width * height : 1;
    this.#channels = [channelOf[0] * channelStep, channelOf[1] * channelStep, channelOf[2] * channelStep];
    this.#values = [
      valuesOf(input, config, channelOf[0]),
      valuesOf(input, config, channelOf[1]),
      valuesOf(input, config, channelOf[2]),
    ];
  }

  /**
   * Writes a picture over the whole of the tensor.
   * @returns where the picture lies in it.
   * @throws RangeError when the picture has fewer bytes than its size needs.
   */
  fill(picture: InferencePicture): Placement {
    const plan = this.#planFor(picture);
    if (picture.data.byteLength < plan.sampling.sizeBytes) {
      throw new RangeError(
        `a picture of ${picture.width}×${picture.height} ${picture.pixelFormat} has ${plan.sampling.sizeBytes} bytes, not ${picture.data.byteLength}`,
      );
    }
    const { chroma } = plan.sampling;
    if (this.#input.channels === 1 || chroma === undefined) this.#fillGrey(picture, plan);
    else this.#fillColour(picture, plan, chroma);
    return plan.placement;
  }

  #planFor({ pixelFormat, width, height }: InferencePicture): Plan {
    const { picture } = this.#plan ?? {};
    if (
      this.#plan !== undefined &&
      picture?.pixelFormat === pixelFormat &&
      picture.width === width &&
      picture.height === height
    ) {
      return this.#plan;
    }
    const placement = place(this.#config.input.fit, { width, height }, this.#input);
    const of = { pixelFormat, width, height };
    this.#plan = { picture: of, placement, sampling: samplingOf(of, placement) };
    this.#pad();
    return this.#plan;
  }

  #pad(): void {
    const pixels = this.#input.width * this.#input.height;
    for (let channel = 0; channel < this.#input.channels; channel += 1) {
      const value = this.#values[channel]?.[BELOW + PADDING] ?? 0;
      let at = this.#channels[channel] ?? 0;
      for (let pixel = 0; pixel < pixels; pixel += 1, at += this.#pixelStep) this.data[at] = value;
    }
  }

  /** The place in the tensor, without that of the channel, where a row of the picture begins. */
  #rowStart({ left, top }: Placement, row: number): number {
    return ((top + row) * this.#input.width + left) * this.#pixelStep;
  }

  #fillColour({ data }: InferencePicture, plan: Plan, chroma: NonNullable<Sampling['chroma']>): void {
    const { placement, sampling } = plan;
    for (let row = 0; row < placement.height; row += 1) {
      sampleRow(data, sampling.luma, row, 0, this.#light);
      sampleRow(data, chroma, row, 0, this.#u);
      sampleRow(data, chroma, row, chroma.vOffset, this.#v);
      this.#writeColours(this.#rowStart(placement, row), placement.width);
    }
  }

  /** Writes a row of pixels from the samples that lie ready. */
  #writeColours(start: number, width: number): void {
    const out = this.data;
    const step = this.#pixelStep;
    const [redAt, greenAt, blueAt] = this.#channels;
    const [reds, greens, blues] = this.#values;
    const light = this.#light;
    const us = this.#u;
    const vs = this.#v;
    for (let column = 0, at = start; column < width; column += 1, at += step) {
      const luma = LUMA * ((light[column] ?? 0) - 16) + 32768;
      const u = (us[column] ?? 0) - 128;
      const v = (vs[column] ?? 0) - 128;
      out[at + redAt] = reds[BELOW + ((luma + RED_V * v) >> 16)] ?? 0;
      out[at + greenAt] = greens[BELOW + ((luma - GREEN_U * u - GREEN_V * v) >> 16)] ?? 0;
      out[at + blueAt] = blues[BELOW + ((luma + BLUE_U * u) >> 16)] ?? 0;
    }
  }

  /** Luma alone, widened to 0 to 255 where the picture's is 16 to 235, into each channel. */
  #fillGrey({ data }: InferencePicture, { placement, sampling }: Plan): void {
    const isLimited = sampling.chroma !== undefined;
    const light = this.#light;
    for (let row = 0; row < placement.height; row += 1) {
      sampleRow(data, sampling.luma, row, 0, light);
      if (isLimited) widen(light);
      for (let channel = 0; channel < this.#input.channels; channel += 1) {
        this.#writeGreys(this.#rowStart(placement, row), placement.width, channel);
      }
    }
  }

  #writeGreys(start: number, width: number, channel: number): void {
    const out = this.data;
    const step = this.#pixelStep;
    const values = this.#values[channel] ?? this.#values[0];
    const light = this.#light;
    let at = start + (this.#channels[channel] ?? 0);
    for (let column = 0; column < width; column += 1, at += step) {
      out[at] = values[BELOW + (light[column] ?? 0)] ?? 0;
    }
  }
}

/** Samples one row of pixels, each between four neighbours: two of the upper and two of the lower line. */
function sampleRow(data: Uint8Array, plane: PlaneTable, row: number, offset: number, into: Int32Array): void {
  const { first, second, weight } = plane.columns;
  const upper = (plane.rows.first[row] ?? 0) + offset;
  const lower = (plane.rows.second[row] ?? 0) + offset;
  const down = plane.rows.weight[row] ?? 0;
  for (let column = 0; column < first.length; column += 1) {
    const left = first[column] ?? 0;
    const right = second[column] ?? 0;
    const along = weight[column] ?? 0;
    const above = data[upper + left] ?? 0;
    const below = data[lower + left] ?? 0;
    const upperLight = (above << WEIGHT_BITS) + ((data[upper + right] ?? 0) - above) * along;
    const lowerLight = (below << WEIGHT_BITS) + ((data[lower + right] ?? 0) - below) * along;
    into[column] =
      ((upperLight << WEIGHT_BITS) + (lowerLight - upperLight) * down + HALF) >> (2 * WEIGHT_BITS);
  }
}

function widen(light: Int32Array): void {
  for (let column = 0; column < light.length; column += 1) {
    light[column] = (LUMA * ((light[column] ?? 0) - 16) + 32768) >> 16;
  }
}
