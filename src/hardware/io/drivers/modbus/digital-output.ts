import type { Level } from '../../circuit.ts';
import type { EvokValue } from './evok-value.ts';
import {
  bitOf,
  type CircuitMaker,
  channel,
  each,
  type ModbusCircuit,
  numbered,
  REGISTER,
} from './modbus-circuit.ts';
import {
  dutyPercent,
  dutyRegister,
  HARD_RANGE,
  hardRegisters,
  hardTiming,
  type PwmTiming,
  SOFT_RANGE,
  softRegisters,
  softTiming,
} from './pwm.ts';
import {
  holding,
  type Operation,
  type RegisterRange,
  type Registers,
  writeCoil,
  writeRegister,
} from './registers.ts';

/** Pulse width modulation of a section: one frequency for all its outputs, a duty register each. */
interface SectionPwm {
  readonly range: { readonly minimumHz: number; readonly maximumHz: number };
  readonly duties: RegisterRange;
  readonly registers: readonly RegisterRange[];
  timing(registers: Registers): PwmTiming;
  /** What sets a frequency, and the timing that it makes. */
  setFrequency(frequencyHz: number): {
    readonly operations: readonly Operation[];
    readonly timing: PwmTiming;
  };
}

/** @returns undefined when its outputs can only be switched. */
function sectionPwm(feature: EvokValue, count: number): SectionPwm | undefined {
  const register = (key: string) => feature.get(key)?.integer(REGISTER);
  const duty = register('pwm_reg');
  if (duty === undefined) return undefined;
  const duties = holding(duty, count);
  const [cycleAt, prescaleAt] = [register('pwm_c_reg'), register('pwm_ps_reg')];
  if (cycleAt !== undefined && prescaleAt !== undefined)
    return {
      range: HARD_RANGE,
      duties,
      registers: [holding(cycleAt), holding(prescaleAt)],
      timing: (registers) => hardTiming(registers.word(cycleAt), registers.word(prescaleAt)),
      setFrequency: (frequencyHz) => {
        const { cycle, prescale } = hardRegisters(frequencyHz);
        return {
          operations: [writeRegister(cycleAt, cycle), writeRegister(prescaleAt, prescale)],
          timing: hardTiming(cycle, prescale),
        };
      },
    };
  const [presetAt, dividerAt] = [register('pwm_preset_reg'), register('pwm_cpres_reg')];
  if (presetAt === undefined || dividerAt === undefined) return undefined;
  return {
    range: SOFT_RANGE,
    duties,
    registers: [holding(presetAt), holding(dividerAt)],
    timing: (registers) => softTiming(registers.word(presetAt), registers.word(dividerAt)),
    setFrequency: (frequencyHz) => {
      const { preset, divider } = softRegisters(frequencyHz);
      const dividing = divider === undefined ? [] : [writeRegister(dividerAt, divider)];
      return {
        operations: [...dividing, writeRegister(presetAt, preset)],
        timing: softTiming(preset, divider ?? 0),
      };
    },
  };
}

/** Sets the frequency of the section, unless it has it; the duty cycles of the other outputs stay what they are. */
function retime(pwm: SectionPwm, own: number, frequencyHz: number, registers: Registers) {
  const before = pwm.timing(registers);
  const { operations, timing } = pwm.setFrequency(frequencyHz);
  if (timing.frequencyHz === before.frequencyHz && timing.fullDuty === before.fullDuty)
    return { operations: [], timing };
  const others = Array.from({ length: pwm.duties.count }, (_, index) => pwm.duties.start + index).flatMap(
    (register) => {
      const duty = registers.word(register);
      if (register === own || duty === 0 || timing.fullDuty === before.fullDuty) return [];
      return [writeRegister(register, dutyRegister((duty / before.fullDuty) * 100, timing.fullDuty))];
    },
  );
  return { operations: [...operations, ...others], timing };
}

/** DO: a bit and a coil each, and modulation, which is on while the duty register is above 0. */
export const digitalOutputs: CircuitMaker = (feature, place) => {
  const firstCoil = feature.need('val_coil').integer(REGISTER);
  const first = feature.need('val_reg').integer(REGISTER);
  const pwm = sectionPwm(feature, each(feature, () => 0).length);

  return each(feature, (index): ModbusCircuit => {
    const { register, mask } = bitOf(first, index);
    const coil = firstCoil + index;
    const duty = (pwm?.duties.start ?? 0) + index;

    const readPwm = (registers: Registers): Level['pwm'] => {
      if (pwm === undefined || registers.word(duty) === 0) return undefined;
      const { frequencyHz, fullDuty } = pwm.timing(registers);
      return { dutyPercent: dutyPercent(registers.word(duty), fullDuty), frequencyHz };
    };

    return {
      channel: channel('do', numbered(place, index), place, {
        direction: 'output',
        signal: 'digital',
        at: `coil ${coil}`,
        settings: [
          {
            name: 'mode',
            kind: 'choice',
            choices: pwm === undefined ? ['Simple'] : ['Simple', 'PWM'],
            isWritable: false,
          },
          ...(pwm === undefined
            ? []
            : [{ name: 'pwm_freq', kind: 'number', unit: 'Hz', isWritable: false } as const]),
        ],
        features: pwm === undefined ? {} : { pwm: pwm.range },
      }),
      value: [holding(register), ...(pwm === undefined ? [] : [holding(duty)])],
      settings: pwm?.registers ?? [],
      reading: (registers) => {
        const modulation = readPwm(registers);
        const value = modulation === undefined ? registers.bit(register, mask) : 1;
        return {
          level: { value, ...(modulation !== undefined && { pwm: modulation }) },
          settings: {
            mode: modulation === undefined ? 'Simple' : 'PWM',
            ...(pwm !== undefined && { pwm_freq: pwm.timing(registers).frequencyHz }),
          },
        };
      },
      write: ({ value, pwm: wanted }, registers) => {
        if (pwm === undefined || wanted === undefined) {
          const ending = pwm !== undefined && registers.word(duty) !== 0 ? [writeRegister(duty, 0)] : [];
          return [writeCoil(coil, value !== 0), ...ending];
        }
        const { operations, timing } = retime(pwm, duty, wanted.frequencyHz, registers);
        // The coil is above the modulation: as long as it is on, the output is.
        const release = registers.bit(register, mask) === 1 ? [writeCoil(coil, false)] : [];
        return [
          ...operations,
          ...release,
          writeRegister(duty, dutyRegister(wanted.dutyPercent, timing.fullDuty)),
        ];
      },
    };
  });
};
