import { join } from 'node:path';
import { AppError } from '../../../../core/app-error.ts';
import { type ChannelInfo, type ChannelReading, circuitKey, type Level } from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { ioNotPresent } from '../../errors.ts';
import { type AttributeFiles, Attributes, type SysfsChannel } from '../sysfs/index.ts';
import type { PwmConfig } from './config.ts';

const ADVICE = 'a udev rule for the subsystem pwm has to give it to a group of this user';
const NS_PER_SECOND = 1e9;

/**
 * One PWM channel. The kernel takes times in nanoseconds and refuses a duty cycle longer than the period.
 * @see Linux Documentation/ABI/testing/sysfs-class-pwm
 */
export class PwmChannel implements SysfsChannel {
  readonly info: ChannelInfo;
  readonly #config: PwmConfig['do'][string];
  readonly #services: DriverServices;
  readonly #chip: Attributes;
  readonly #pwm: Attributes;
  #hasExported = false;
  /** Whether the last write asked for pulses. */
  #isPulsed = false;
  /** Whether any write has. */
  #hasPulsed = false;

  constructor(
    circuit: string,
    config: PwmConfig['do'][string],
    services: DriverServices,
    files: AttributeFiles,
  ) {
    const where = `${config.chip} channel ${config.channel}`;
    this.info = {
      type: 'do',
      circuit,
      direction: 'output',
      signal: 'digital',
      settings: [{ name: 'pwm_freq', kind: 'number', unit: 'Hz', isWritable: false }],
      features: { pwm: { minimumHz: 0.001, maximumHz: 10_000_000 } },
      hardware: where,
      bus: config.chip,
      delivery: 'polled',
    };
    this.#config = config;
    this.#services = services;
    const folder = join(services.roots.sys, 'class/pwm', config.chip);
    const owner = { where, advice: ADVICE, files };
    this.#chip = new Attributes(folder, owner);
    this.#pwm = new Attributes(join(folder, `pwm${config.channel}`), owner);
  }

  async find(): Promise<void> {
    const names = await this.#chip.names();
    const { chip, channel, frequencyHz } = this.#config;
    const channels = await this.#chip.integer('npwm');
    if (channel >= channels) {
      throw ioNotPresent(this.info.hardware, `${chip} has ${channels} channels, from 0 on`);
    }
    if (!names.includes(`pwm${channel}`)) {
      await this.#chip.write('export', channel);
      this.#hasExported = true;
    }
    if ((await this.#pwm.integer('period')) === 0) await this.#pwm.write('period', periodNs(frequencyHz));
    await this.#setPolarity();
    const level = this.#services.initialLevel(circuitKey('do', this.info.circuit));
    if (level !== undefined) await this.write(level);
  }

  async read(): Promise<ChannelReading> {
    const isEnabled = (await this.#pwm.integer('enable')) === 1;
    const period = await this.#pwm.integer('period');
    const duty = isEnabled ? await this.#pwm.integer('duty_cycle') : 0;
    const takenUs = this.#services.clock.monotonicUs();
    if (period < 1 || duty < 0 || duty > period) {
      throw this.#pwm.malformed('duty_cycle', `${duty} of ${period}`, 'no more than the period');
    }
    const value = duty > 0 ? 1 : 0;
    const present = Number((NS_PER_SECOND / period).toPrecision(6));
    if (!this.#isPulsed && (duty === 0 || duty === period)) {
      const pwm_freq = this.#hasPulsed ? present : this.#config.frequencyHz;
      return { level: { value }, settings: { pwm_freq }, takenUs };
    }
    const dutyPercent = Number(((duty / period) * 100).toFixed(3));
    const level = { value, pwm: { dutyPercent, frequencyHz: present } };
    return { level, settings: { pwm_freq: present }, takenUs };
  }

  async write({ value, pwm }: Level): Promise<void> {
    const before = await this.#pwm.integer('period');
    const period = pwm === undefined ? before : periodNs(pwm.frequencyHz);
    const duty = Math.round(period * (pwm === undefined ? Number(value > 0) : pwm.dutyPercent / 100));
    const writePeriod = async () => {
      if (period !== before) await this.#pwm.write('period', period);
    };
    if (period > before) await writePeriod();
    await this.#pwm.write('duty_cycle', duty);
    if (period < before) await writePeriod();
    this.#isPulsed = pwm !== undefined;
    this.#hasPulsed ||= this.#isPulsed;
    if ((await this.#pwm.integer('enable')) !== 1) await this.#pwm.write('enable', 1);
  }

  async release(): Promise<void> {
    if (!this.#hasExported) return;
    this.#hasExported = false;
    try {
      await this.#chip.write('unexport', this.#config.channel);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'IO_GONE')) throw error;
    }
  }

  /** The kernel lets the polarity change only while the channel is disabled. */
  async #setPolarity(): Promise<void> {
    const { polarity } = this.#config;
    if ((await this.#pwm.text('polarity')) === polarity) return;
    const wasEnabled = (await this.#pwm.integer('enable')) === 1;
    if (wasEnabled) await this.#pwm.write('enable', 0);
    await this.#pwm.write('polarity', polarity);
    if (wasEnabled) await this.#pwm.write('enable', 1);
  }
}

function periodNs(frequencyHz: number): number {
  return Math.round(NS_PER_SECOND / frequencyHz);
}
