import { element, setText } from './element.ts';
import { formatDuration, formatFrequency } from './io-format.ts';
import { type LiveCircuit, leaseLeftMs } from './io-live-circuit.ts';
import type { CircuitPart } from './io-part.ts';

const CAUSES: Readonly<Record<string, string>> = {
  unknown: 'not set yet',
  'start-up': 'at its start-up value',
  safe: 'at its safe value',
  command: 'commanded',
  'direct-switch': 'follows an input',
  kept: 'left as it was',
};

/** A circuit's own line: what an input has counted, why an output is at its value. */
export class CircuitNotes implements CircuitPart {
  readonly element = element('p', { class: 'io-notes' });

  show(circuit: LiveCircuit, nowMs: number): void {
    setText(this.element, [...inputNotes(circuit), ...outputNotes(circuit, nowMs)].join(' · '));
  }
}

function inputNotes({ input }: LiveCircuit): string[] {
  if (input === undefined) return [];
  const { counter, frequency_hz: frequencyHz, lost_edges: lost, inverted, switches } = input;
  return [
    counter === undefined ? '' : `count ${counter.toLocaleString('en')}`,
    frequencyHz > 0 ? formatFrequency(frequencyHz) : '',
    lost > 0 ? `${lost.toLocaleString('en')} lost` : '',
    inverted ? 'inverted' : '',
    switches === undefined ? '' : `switches ${switches}`,
  ].filter(Boolean);
}

function outputNotes(circuit: LiveCircuit, nowMs: number): string[] {
  const { output } = circuit;
  if (output === undefined) return [];
  const leftMs = leaseLeftMs(circuit, nowMs);
  return [
    CAUSES[output.cause] ?? output.cause,
    output.running === undefined ? '' : `${output.running} runs`,
    leftMs === undefined ? '' : `lease ends in ${formatDuration(leftMs)}`,
    output.lease?.held ? 'leased to a connected client' : '',
  ].filter(Boolean);
}
