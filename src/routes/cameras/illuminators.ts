import type { Config } from '../../config/index.ts';
import type { SensorControls } from '../../hardware/cameras/controls/index.ts';
import type { Board } from '../../hardware/io/board.ts';
import type { CircuitView, CircuitWrite } from '../../hardware/io/circuit-view.ts';
import { requestInvalid } from '../http/index.ts';

/** Intensities from 0 to 1, as Robopipe's IRConfig. */
export interface Illumination {
  readonly flood_light: number;
  readonly dot_projector: number;
}

const TYPES = ['do', 'ro', 'led', 'ao'] as const;

type Field = keyof Illumination;
type Light = { readonly field: Field } & (
  | { readonly kind: 'circuit'; readonly circuit: CircuitView }
  | { readonly kind: 'control'; readonly sensor: string; readonly control: string }
);
type CircuitLight = Extract<Light, { kind: 'circuit' }>;
type ControlLight = Extract<Light, { kind: 'control' }>;

export interface IlluminatorsOptions {
  readonly board: Pick<Board, 'find' | 'read' | 'write'>;
  readonly controls: Pick<SensorControls, 'light' | 'setLight'>;
}

/** The lights of cameras: circuits of the board and controls of their sensors, as the configuration names them. */
export class Illuminators {
  readonly #configured: Config['cameras']['illuminators'];
  readonly #board: IlluminatorsOptions['board'];
  readonly #controls: IlluminatorsOptions['controls'];

  constructor(configured: Config['cameras']['illuminators'], { board, controls }: IlluminatorsOptions) {
    this.#configured = configured;
    this.#board = board;
    this.#controls = controls;
  }

  /**
   * @returns undefined when the camera has none.
   * @throws AppError CIRCUIT_NOT_FOUND, SENSOR_NOT_FOUND, CONTROL_NOT_FOUND, CONTROL_UNSUPPORTED, and what reading throws.
   */
  async get(mxid: string): Promise<Illumination | undefined> {
    const lights = this.#lights(mxid);
    if (lights === undefined) return undefined;
    const read = ({ sensor, control }: ControlLight) => this.#controls.light(mxid, sensor, control);
    const told = await intensities(lights.filter(isControl), read);
    const circuits = lights.filter(isCircuit);
    const views = await this.#board.read(circuits.map(({ circuit }) => circuit.key));
    return { ...told, ...intensitiesOf(circuits, views) };
  }

  /**
   * Sets both lights; a switch is on above 0, a number goes that far through its range.
   * @returns what was read back; undefined when the camera has none.
   * @throws AppError as `get`, and what writing throws.
   */
  async set(mxid: string, wanted: Illumination): Promise<Illumination | undefined> {
    const lights = this.#lights(mxid);
    if (lights === undefined) return undefined;
    const set = ({ sensor, control, field }: ControlLight) =>
      this.#controls.setLight(mxid, sensor, control, wanted[field]);
    const told = await intensities(lights.filter(isControl), set);
    const circuits = lights.filter(isCircuit);
    const views = await this.#board.write(
      circuits.map(({ circuit, field }) => writeOf(circuit, wanted[field])),
    );
    return { ...told, ...intensitiesOf(circuits, views) };
  }

  #lights(mxid: string): readonly Light[] | undefined {
    const configured = this.#configured[mxid];
    if (configured === undefined) return undefined;
    const { floodLight, dotProjector } = configured;
    return [...this.#light('flood_light', floodLight), ...this.#light('dot_projector', dotProjector)];
  }

  #light(field: Field, configured: string | undefined): readonly Light[] {
    if (configured === undefined) return [];
    const [place = '', name = ''] = configured.split('/');
    const type = TYPES.find((each) => each === place);
    if (type === undefined) return [{ field, kind: 'control', sensor: place, control: name }];
    return [{ field, kind: 'circuit', circuit: this.#board.find(type, name) }];
  }
}

const isCircuit = (light: Light): light is CircuitLight => light.kind === 'circuit';
const isControl = (light: Light): light is ControlLight => light.kind === 'control';

/** Asks one control after the other; a light that is not there is off. */
async function intensities(
  lights: readonly ControlLight[],
  ask: (light: ControlLight) => Promise<number>,
): Promise<Illumination> {
  const told = { flood_light: 0, dot_projector: 0 };
  for (const light of lights) told[light.field] = await ask(light);
  return told;
}

function intensitiesOf(
  lights: readonly CircuitLight[],
  views: readonly CircuitView[],
): Partial<Illumination> {
  return Object.fromEntries(
    lights.map(({ field, circuit }) => {
      const view = views.find(({ key }) => key === circuit.key);
      return [field, view === undefined ? 0 : intensityOf(view)];
    }),
  );
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
