import type { Circuit } from './io-circuit.ts';

/** Circuits of one kind, under its heading. */
export interface CircuitGroup<T extends Circuit = Circuit> {
  readonly title: string;
  readonly circuits: readonly T[];
}

const OTHERS = 'Others';
const TITLES = ['Inputs', 'Outputs', 'Analog inputs', 'Analog outputs', 'LEDs', 'Sensors', OTHERS] as const;

const TITLE_OF_TYPE: Readonly<Record<string, (typeof TITLES)[number]>> = {
  di: 'Inputs',
  do: 'Outputs',
  ro: 'Outputs',
  ai: 'Analog inputs',
  ao: 'Analog outputs',
  led: 'LEDs',
  sensor: 'Sensors',
};

/** The type in a circuit's key: `do` of `do/1_01`. */
export function typeOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

/** Groups that have a circuit, in the page's order; circuits stay in the service's order. */
export function groupCircuits<T extends Circuit>(circuits: readonly T[]): CircuitGroup<T>[] {
  return TITLES.map((title) => ({
    title,
    circuits: circuits.filter(({ key }) => (TITLE_OF_TYPE[typeOf(key)] ?? OTHERS) === title),
  })).filter((group) => group.circuits.length > 0);
}
