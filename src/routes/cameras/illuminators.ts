import type { Config } from '../../config/index.ts';
import type { Board } from '../../hardware/io/board.ts';
import type { CircuitView, CircuitWrite } from '../../hardware/io/circuit-view.ts';
import { requestInvalid } from '../http/index.ts';

/** Intensities from 0 to 1, as Robopipe's IRConfig. */
export interface Illumination {
  readonly flood_light: number;
  readonly dot_projector: number;
}

const TYPES = ['do', 'ro', 'led', 'ao'] as const;

/** The lights of cameras: circuits of the board that the configuration names for them. */
export class Illuminators {
  readonly #circuits: Config['cameras']['illuminators'];
  readonly #board: Pick<Board, 'find' | 'read' | 'write'>;

  constructor(circuits: Config['cameras']['illuminators'], board: Pick<Board, 'find' | 'read' | 'write'>) {
    this.#circuits = circuits;
    this.#board = board;
  }

  /** @returns undefined when the camera has none. @throws AppError CIRCUIT_NOT_FOUND, and what reading throws. */
  async get(mxid: string): Promise<Illumination | undefined> {
    const lights = this.#lights(mxid);
    if (lights === undefined) return undefined;
    const { flood, dots } = lights;
    const keys = [flood, dots].flatMap((light) => (light === undefined ? [] : [light.key]));
    return told(lights, await this.#board.read(keys));
  }

  /**
   * Sets both lights; a digital circuit is on above 0, an analog one goes that far through its range.
   * @returns what was read back; undefined when the camera has none.
   * @throws AppError CIRCUIT_NOT_FOUND, and what writing throws.
   */
  async set(mxid: string, { flood_light, dot_projector }: Illumination): Promise<Illumination | undefined> {
    const lights = this.#lights(mxid);
    if (lights === undefined) return undefined;
    const { flood, dots } = lights;
    const writes = [
      ...(flood === undefined ? [] : [writeOf(flood, flood_light)]),
      ...(dots === undefined ? [] : [writeOf(dots, dot_projector)]),
    ];
    return told(lights, await this.#board.write(writes));
  }

  #lights(mxid: string) {
    const circuits = this.#circuits[mxid];
    if (circuits === undefined) return undefined;
    const { floodLight, dotProjector } = circuits;
    return { flood: this.#find(floodLight), dots: this.#find(dotProjector) };
  }

  #find(circuit: string | undefined): CircuitView | undefined {
    const type = TYPES.find((each) => circuit?.startsWith(`${each}/`));
    return type && this.#board.find(type, circuit?.slice(type.length + 1) ?? '');
  }
}

/**
 * Reads a body. What is missing is 0: a client that switches one light on switches the other off.
 * @throws AppError REQUEST_INVALID
 */
export function readIllumination(body: Readonly<Record<string, unknown>>): Illumination {
  const intensity = (name: string): number => {
    const seen = body[name] ?? 0;
    const isText = typeof seen === 'string' && seen.trim() !== '' && seen.length <= 32;
    const value = isText ? Number(seen) : seen;
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    throw requestInvalid(
      `body.${name} must be a number from 0 to 1, saw ${JSON.stringify(seen).slice(0, 80)}.`,
    );
  };
  return { flood_light: intensity('flood_light'), dot_projector: intensity('dot_projector') };
}

function told(
  { flood, dots }: { flood: CircuitView | undefined; dots: CircuitView | undefined },
  views: readonly CircuitView[],
): Illumination {
  const intensity = (light: CircuitView | undefined): number => {
    const view = views.find(({ key }) => key === light?.key);
    return view === undefined ? 0 : intensityOf(view);
  };
  return { flood_light: intensity(flood), dot_projector: intensity(dots) };
}

function writeOf(light: CircuitView, intensity: number): CircuitWrite {
  const { minimum, maximum } = rangeOf(light);
  const analog = minimum + intensity * (maximum - minimum);
  const value = light.channel.signal === 'analog' ? analog : intensity > 0 ? 1 : 0;
  return { key: light.key, command: { kind: 'level', level: { value } } };
}

/** To three digits, which hides how the hardware rounds. */
function intensityOf(view: CircuitView): number {
  const { minimum, maximum } = rangeOf(view);
  const part = ((view.value ?? minimum) - minimum) / (maximum - minimum);
  return Math.round(Math.min(1, Math.max(0, part)) * 1000) / 1000;
}

function rangeOf({ channel, ...view }: CircuitView): { readonly minimum: number; readonly maximum: number } {
  if (channel.signal !== 'analog') return { minimum: 0, maximum: 1 };
  return { minimum: view.minimum ?? channel.minimum ?? 0, maximum: view.maximum ?? channel.maximum ?? 1 };
}
