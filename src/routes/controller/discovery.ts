import type { CircuitView } from '../../hardware/io/circuit-view.ts';
import { devOf } from './circuit-address.ts';
import { leaseDict, pwmFrequency } from './representation.ts';

/** Everything a page needs to show a circuit and to offer what can be done with it. Absent is what does not apply. */
export type CircuitEntry = ReturnType<typeof circuitEntry>;

export function circuitEntry(view: CircuitView) {
  const { key, channel, alias, label, driver, health, value, unit, minimum, maximum, step, ageMs } = view;
  const pwmRange = channel.features.pwm;
  return {
    key,
    dev: devOf(channel.type),
    circuit: channel.circuit,
    alias,
    label,
    direction: channel.direction,
    signal: channel.signal,
    driver: { name: driver.name, kind: driver.kind },
    hardware: channel.hardware,
    health: { state: health.state, problem: health.problem },
    value,
    unit,
    minimum,
    maximum,
    step,
    pwm: view.pwm && { duty_percent: view.pwm.dutyPercent, frequency_hz: view.pwm.frequencyHz },
    pwm_range: pwmRange && {
      minimum_hz: pwmRange.minimumHz,
      maximum_hz: pwmRange.maximumHz,
      frequency_hz: pwmFrequency(view),
    },
    age_ms: ageMs === undefined ? undefined : Math.round(ageMs),
    over_range: channel.signal === 'analog' ? view.isOverRange : undefined,
    settings: view.settings.map(({ isWritable, ...setting }) => ({
      ...setting,
      writable: isWritable,
      value: view.settingValues[setting.name],
    })),
    input: inputEntry(view),
    output: outputEntry(view),
  };
}

function inputEntry({ input, settingValues }: CircuitView) {
  return (
    input && {
      inverted: input.isInverted,
      counter: settingValues['counter'],
      frequency_hz: input.frequencyHz,
      lost_edges: input.lostEdges,
      switches: input.switches,
    }
  );
}

function outputEntry({ output }: CircuitView) {
  return (
    output && {
      cause: output.cause,
      running: output.running,
      safe: output.safe,
      start_up: output.startUp,
      confirm: output.needsConfirmation,
      interlocks: output.interlocks,
      lease: output.lease && leaseDict(output.lease),
    }
  );
}
