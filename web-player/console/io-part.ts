import type { LiveCircuit } from './io-live-circuit.ts';

/** A piece of a circuit's card. It shows what it is told and never what was clicked. */
export interface CircuitPart {
  readonly element: Element;
  /** @param nowMs the page's clock, for ages and times that run down. */
  show(circuit: LiveCircuit, nowMs: number): void;
}
