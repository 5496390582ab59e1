import type { Clock } from '../../../core/clock.ts';
import type { ChannelReading, Edge, Health, SettingInfo, SettingValue } from '../circuit.ts';
import type { CircuitView } from '../circuit-view.ts';
import { circuitValueInvalid } from '../errors.ts';
import { DigitalInput } from '../processing/index.ts';
import type { DigitalInputSettings } from '../settings.ts';
import { type Circuit, configureDriver } from './circuit.ts';
import type { CircuitRecord } from './circuit-record.ts';
import type { Counters } from './counters.ts';

export interface DigitalInputCircuitOptions {
  readonly config: DigitalInputSettings | undefined;
  readonly clock: Clock;
  readonly counters: Counters;
  /** The value has changed while the mode is DirectSwitch. */
  readonly onSwitch: (value: 0 | 1) => void;
}

/** What a digital input is that the configuration does not name. */
const PLAIN: DigitalInputSettings = {
  invert: false,
  count: 'rising',
  report: 'both',
  directSwitchMode: 'follow',
};

/** evok gives debounce times in units of 100 µs. */
const DEBOUNCE_UNIT_US = 100;
const LONGEST_DEBOUNCE_US = 10_000_000;

/** A digital input: edges and readings of its line become a value, a counter and events. */
export class DigitalInputCircuit implements Circuit {
  readonly record: CircuitRecord;
  readonly settings: readonly SettingInfo[];
  readonly #options: DigitalInputCircuitOptions;
  readonly #config: DigitalInputSettings;
  /** Settings that the board adds. */
  readonly #added: ReadonlySet<string>;
  #input: DigitalInput;
  /** What has been asked for last. */
  #debounceUs: number | undefined;
  #isCounting = true;
  #mode: 'Simple' | 'DirectSwitch';
  #lostBefore = 0;
  /** There has been neither an edge nor a reading since the hardware works. */
  #isFresh = true;

  constructor(record: CircuitRecord, options: DigitalInputCircuitOptions) {
    this.record = record;
    this.#options = options;
    this.#config = options.config ?? PLAIN;
    this.#debounceUs = this.#config.debounceUs;
    const isSwitch = this.#config.directSwitch !== undefined;
    this.#mode = isSwitch ? 'DirectSwitch' : 'Simple';
    const { settings } = record.place.channel;
    const longestUs = settings.find(({ name }) => name === 'debounce_us')?.maximum ?? LONGEST_DEBOUNCE_US;
    const added = addedSettings(isSwitch, longestUs).filter(({ name }) => {
      return settings.every((one) => one.name !== name);
    });
    this.#added = new Set(added.map(({ name }) => name));
    this.settings = [...settings, ...added];
    this.#input = this.#open(options.counters.get(record.key));
  }

  get value(): 0 | 1 | undefined {
    return this.#input.value;
  }

  view(): CircuitView {
    const value = this.#input.value;
    const switches = this.#config.directSwitch;
    return this.record.view({
      ...(value !== undefined && { value }),
      settings: this.settings,
      settingValues: this.#settingValues(),
      isOverRange: false,
      input: {
        isInverted: this.#config.invert,
        frequencyHz: this.#input.frequencyHz(this.#options.clock.monotonicUs()),
        lostEdges: this.#lostBefore + this.#input.lostEdges,
        // the configuration's pattern allows nothing but keys of outputs
        ...(switches !== undefined && { switches: switches as `do/${string}` }),
      },
    });
  }

  onReading(reading: ChannelReading): void {
    const hasNewSettings = this.record.accept(reading);
    const counter = reading.settings?.['counter'];
    const isFresh = this.#isFresh;
    this.#input.reading(
      reading.level.value === 0 ? 0 : 1,
      reading.takenUs,
      this.#hardwareCounts && typeof counter === 'number' ? counter : undefined,
    );
    this.#isFresh = false;
    if (isFresh) this.#tell('reading');
    if (hasNewSettings) this.#tell('setting');
    this.#remember();
  }

  onEdge(edge: Edge): void {
    this.#isFresh = false;
    this.#input.edge(edge);
    this.#remember();
  }

  /** What the line did while the hardware was away is no edge: it begins anew with the next reading. */
  onHealth(before: Health['state']): void {
    if (before !== 'down') return;
    this.#lostBefore += this.#input.lostEdges;
    this.#input[Symbol.dispose]();
    this.#input = this.#open(this.#input.counter);
    this.#isFresh = true;
    const wanted = this.#debounceUs;
    if (this.#hardwareDebounces && wanted !== undefined) {
      this.#configureDriver({ debounce_us: wanted }).catch((error) =>
        this.record.tellFault(this.value, error),
      );
    }
  }

  async configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    const { debounce, debounce_us, ...rest } = settings;
    const debounceUs = this.#debounceAsked(debounce, debounce_us);
    const own = Object.entries(rest).filter(([name]) => this.#added.has(name));
    const driver: Record<string, SettingValue> = Object.fromEntries(
      Object.entries(rest).filter(([name]) => !this.#added.has(name)),
    );
    if (debounceUs !== undefined && this.#hardwareDebounces) driver['debounce_us'] = debounceUs;
    if (Object.keys(driver).length > 0) await this.#configureDriver(driver);
    if (debounceUs !== undefined) {
      this.#debounceUs = debounceUs;
      this.#input.setDebounceUs(debounceUs);
    }
    for (const [name, value] of own) await this.#set(name, value);
    if (own.length > 0 || debounceUs !== undefined) this.#tell('setting');
  }

  [Symbol.dispose](): void {
    this.#input[Symbol.dispose]();
  }

  get #hardwareDebounces(): boolean {
    return this.record.place.channel.features.debounce === true;
  }

  get #hardwareCounts(): boolean {
    return this.record.place.channel.features.counter === true;
  }

  #open(initialCounter: number): DigitalInput {
    const input = new DigitalInput({
      settings: this.#config,
      features: this.record.place.channel.features,
      clock: this.#options.clock,
      initialCounter,
      onEdge: (edge, counter) => this.record.tell('edge', input.value, { ...this.#counter(counter), edge }),
      onChange: (value) => {
        if (!this.#isFresh && this.#mode === 'DirectSwitch') this.#options.onSwitch(value);
        this.#remember();
      },
    });
    input.setCounting(this.#isCounting);
    if (this.#debounceUs !== undefined) input.setDebounceUs(this.#debounceUs);
    return input;
  }

  #configureDriver(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    return configureDriver(
      { record: this.record, onReading: (reading) => this.onReading(reading) },
      settings,
    );
  }

  /**
   * Which of the two fields is meant: a client that posts back what it has read changes only one.
   * @throws AppError CIRCUIT_VALUE_INVALID when both have changed, and differ.
   */
  #debounceAsked(debounce?: SettingValue, debounceUs?: SettingValue): number | undefined {
    const now = this.#settingValues();
    const asked = [
      ...(debounce === undefined || debounce === now['debounce']
        ? []
        : [Number(debounce) * DEBOUNCE_UNIT_US]),
      ...(debounceUs === undefined || debounceUs === now['debounce_us'] ? [] : [Number(debounceUs)]),
    ];
    if (asked.length === 2 && asked[0] !== asked[1]) {
      throw circuitValueInvalid(
        this.record.key,
        'debounce',
        debounce,
        `${debounceUs} µs, as debounce_us says`,
      );
    }
    return asked[0];
  }

  async #set(name: string, value: SettingValue): Promise<void> {
    switch (name) {
      case 'counter':
        await this.#options.counters.set(this.record.key, Number(value));
        this.#input.setCounter(Number(value));
        return;
      case 'counter_mode':
        this.#isCounting = value === 'Enabled';
        this.#input.setCounting(this.#isCounting);
        return;
      case 'mode':
        this.#mode = value === 'DirectSwitch' ? 'DirectSwitch' : 'Simple';
        return;
    }
  }

  #settingValues(): Readonly<Record<string, SettingValue>> {
    const driver = this.record.reading?.settings ?? {};
    const hardwareUs = driver['debounce_us'] ?? this.#debounceUs ?? 0;
    const debounceUs = this.#hardwareDebounces ? Number(hardwareUs) : this.#input.debounceUs;
    const own: Record<string, SettingValue> = {
      debounce: Math.round(debounceUs / DEBOUNCE_UNIT_US),
      debounce_us: debounceUs,
      counter: this.#input.counter,
      counter_mode: this.#isCounting ? 'Enabled' : 'Disabled',
      mode: this.#mode,
    };
    const added = Object.fromEntries(Object.entries(own).filter(([name]) => this.#added.has(name)));
    return { ...driver, ...added };
  }

  #tell(cause: 'reading' | 'setting'): void {
    this.record.tell(cause, this.#input.value, this.#counter(this.#input.counter));
  }

  #counter(counter: number): { counter?: number } {
    return this.#isCounting && this.#config.count !== 'none' ? { counter } : {};
  }

  #remember(): void {
    if (!this.#hardwareCounts) this.#options.counters.note(this.record.key, this.#input.counter);
  }
}

function addedSettings(isSwitch: boolean, longestUs: number): readonly SettingInfo[] {
  const integer = { kind: 'integer', minimum: 0, isWritable: true } as const;
  const choice = { kind: 'choice', isWritable: true } as const;
  return [
    { ...integer, name: 'debounce', unit: '100 µs', maximum: Math.floor(longestUs / DEBOUNCE_UNIT_US) },
    { ...integer, name: 'debounce_us', unit: 'µs', maximum: longestUs },
    { ...integer, name: 'counter', maximum: 2 ** 32 - 1 },
    { ...choice, name: 'counter_mode', choices: ['Enabled', 'Disabled'] },
    { ...choice, name: 'mode', choices: isSwitch ? ['Simple', 'DirectSwitch'] : ['Simple'] },
  ];
}
