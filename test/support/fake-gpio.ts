import { ERRNO } from '../../src/core/libc.ts';
import type { DescriptorListener, DescriptorWatch } from '../../src/hardware/io/descriptor-watch.ts';
import type { GpioSystem } from '../../src/hardware/io/drivers/gpio/gpio-system.ts';
import { REQUESTS, STRUCTS, VALUES } from '../../src/hardware/io/drivers/gpio/layout.ts';

const {
  gpio_v2_line_request: REQUEST,
  gpio_v2_line_config: CONFIG,
  gpio_v2_line_config_attribute: CONFIG_ATTRIBUTE,
  gpio_v2_line_attribute: ATTRIBUTE,
  gpio_v2_line_info: INFO,
  gpio_v2_line_values: LINE_VALUES,
  gpio_v2_line_event: EVENT,
  gpiochip_info: CHIP,
} = STRUCTS;

/** One line of a fake chip. Levels are voltages: 1 is high. */
export interface FakeLine {
  readonly name: string;
  /** What it rests at while nobody drives it. */
  pull: 0 | 1;
  isOutput: boolean;
  /** What it is driven to as output. */
  driven: 0 | 1;
  consumer: string | undefined;
  /** Flags of its request. */
  flags: number;
  debounceUs: number;
  lineSequence: number;
  hasInterrupt: boolean;
  /** Every level it was driven to. */
  readonly history: (0 | 1)[];
}

interface FakeChip {
  readonly name: string;
  readonly label: string;
  readonly lines: FakeLine[];
  isGone: boolean;
}

interface FakeRequest {
  readonly chip: FakeChip;
  readonly lines: FakeLine[];
}

interface Settings {
  readonly flags: number;
  readonly value: 0 | 1;
  readonly debounceUs: number;
}

/**
 * GPIO chips that understand the kernel's structures and follow its rules (gpiolib-cdev.c of Linux 6.12), as gpio-sim
 * does: a line that is released falls back to its pull.
 */
export class FakeGpio implements GpioSystem, DescriptorWatch {
  readonly chips = new Map<string, FakeChip>();
  /** Names of the ioctls that changed or requested something, in order. */
  readonly calls: string[] = [];
  /** Paths that may not be opened. */
  readonly denied = new Set<string>();
  /** A change to a debounce period longer than this fails halfway. */
  longestDebounceUs = 0xffff_ffff;
  readonly #open = new Map<number, FakeChip | FakeRequest>();
  readonly #watches = new Map<number, DescriptorListener>();
  #lastFd = 100;

  addChip(name: string, label: string, lineNames: readonly string[]): FakeLine[] {
    const lines = lineNames.map(
      (line): FakeLine => ({
        name: line,
        pull: 0,
        isOutput: false,
        driven: 0,
        consumer: undefined,
        flags: 0,
        debounceUs: 0,
        lineSequence: 0,
        hasInterrupt: true,
        history: [],
      }),
    );
    this.chips.set(name, { name, label, lines, isGone: false });
    return lines;
  }

  /** Pulls the chip out. `isTold`: the kernel wakes those who poll. */
  removeChip(name: string, isTold = true): void {
    const chip = this.chips.get(name);
    if (chip === undefined) throw new Error(`there is no ${name}`);
    chip.isGone = true;
    this.chips.delete(name);
    if (!isTold) return;
    for (const [fd, listener] of [...this.#watches]) {
      if (this.#chipOf(fd) !== chip) continue;
      this.#watches.delete(fd);
      listener.onEnd(new Error(`descriptor ${fd} failed: POLLERR, POLLHUP.`));
    }
  }

  /** Pulls an input to a voltage; `isLost`: the kernel's queue was full. */
  pull(line: FakeLine, level: 0 | 1, { isLost = false, timestampNs = 1000n } = {}): void {
    if (line.pull === level) return;
    line.pull = level;
    if ((line.flags & VALUES.GPIO_V2_LINE_FLAG_EDGE_RISING) === 0) return;
    line.lineSequence += 1;
    if (isLost) return;
    const [fd, request] =
      [...this.#open].find(([, each]) => 'lines' in each && !('name' in each) && each.lines.includes(line)) ??
      [];
    if (fd === undefined || request === undefined) return;
    const chip = 'chip' in request ? request.chip : request;
    const bytes = Buffer.alloc(EVENT.sizeof);
    bytes.writeBigUInt64LE(timestampNs, EVENT.timestamp_ns);
    bytes.writeUInt32LE(this.logical(line) === 1 ? 1 : 2, EVENT.id);
    bytes.writeUInt32LE(chip.lines.indexOf(line), EVENT.offset);
    bytes.writeUInt32LE(line.lineSequence, EVENT.line_seqno);
    this.#watches.get(fd)?.onBytes(bytes, 0);
  }

  /** The voltage of a line. */
  level(line: FakeLine): 0 | 1 {
    return line.isOutput ? line.driven : line.pull;
  }

  logical(line: FakeLine): 0 | 1 {
    return flip(this.level(line), line.flags);
  }

  /** Descriptors that are open. */
  get openFds(): number {
    return this.#open.size;
  }

  get watched(): number {
    return this.#watches.size;
  }

  watch(fd: number, _options: { readonly maxBytes: number }, listener: DescriptorListener): AsyncDisposable {
    if (!this.#open.has(fd)) throw new Error(`descriptor ${fd} is not open`);
    this.#watches.set(fd, listener);
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.#watches.get(fd) === listener) this.#watches.delete(fd);
      },
    };
  }

  list(): readonly string[] {
    return ['null', ...this.chips.keys()];
  }

  open(path: string): number {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const chip = this.chips.get(name);
    if (this.denied.has(path)) throw Object.assign(new Error(`EACCES: ${path}`), { code: 'EACCES' });
    if (chip === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return this.#add(chip);
  }

  setNonBlocking(): void {}

  close(fd: number): void {
    const each = this.#open.get(fd);
    if (each === undefined) throw new Error(`descriptor ${fd} is not open`);
    if (this.#watches.has(fd)) throw new Error(`descriptor ${fd} is closed while it is watched`);
    this.#open.delete(fd);
    if ('name' in each) return;
    for (const line of each.lines) {
      Object.assign(line, {
        consumer: undefined,
        flags: 0,
        debounceUs: 0,
        lineSequence: 0,
        driven: line.pull,
      });
    }
  }

  ioctl(fd: number, request: number, bytes: Buffer): number {
    const each = this.#open.get(fd);
    if (each === undefined) throw new Error(`descriptor ${fd} is not open`);
    if (this.#chipOf(fd)?.isGone === true) return ERRNO.ENODEV;
    const name = Object.entries(REQUESTS).find(([, number]) => number === request)?.[0] ?? 'unknown';
    if (!/INFO|GET_VALUES/.test(name)) this.calls.push(name.replace(/^GPIO_V2_|_IOCTL$/g, ''));
    if ('name' in each) return this.#askChip(each, request, bytes);
    return this.#askLines(each, request, bytes);
  }

  #askChip(chip: FakeChip, request: number, bytes: Buffer): number {
    switch (request) {
      case REQUESTS.GPIO_GET_CHIPINFO_IOCTL:
        bytes.write(chip.name, CHIP.name);
        bytes.write(chip.label, CHIP.label);
        bytes.writeUInt32LE(chip.lines.length, CHIP.lines);
        return 0;
      case REQUESTS.GPIO_V2_GET_LINEINFO_IOCTL: {
        const line = chip.lines[bytes.readUInt32LE(INFO.offset)];
        if (line === undefined) return ERRNO.EINVAL;
        bytes.write(line.name, INFO.name);
        bytes.write(line.consumer ?? '', INFO.consumer);
        const used = line.consumer === undefined ? 0 : VALUES.GPIO_V2_LINE_FLAG_USED;
        const direction = line.isOutput ? VALUES.GPIO_V2_LINE_FLAG_OUTPUT : VALUES.GPIO_V2_LINE_FLAG_INPUT;
        bytes.writeBigUInt64LE(BigInt(used | direction), INFO.flags);
        if (line.debounceUs > 0) {
          bytes.writeUInt32LE(1, INFO.num_attrs);
          bytes.writeUInt32LE(VALUES.GPIO_V2_LINE_ATTR_ID_DEBOUNCE, INFO.attrs + ATTRIBUTE.id);
          bytes.writeUInt32LE(line.debounceUs, INFO.attrs + ATTRIBUTE.debounce_period_us);
        }
        return 0;
      }
      case REQUESTS.GPIO_V2_GET_LINE_IOCTL:
        return this.#request(chip, bytes);
      default:
        return ERRNO.EINVAL;
    }
  }

  #request(chip: FakeChip, bytes: Buffer): number {
    const count = bytes.readUInt32LE(REQUEST.num_lines);
    if (count === 0 || count > VALUES.GPIO_V2_LINES_MAX) return ERRNO.EINVAL;
    const offsets = Array.from({ length: count }, (_, index) =>
      bytes.readUInt32LE(REQUEST.offsets + index * 4),
    );
    const lines = offsets.flatMap((offset) => chip.lines[offset] ?? []);
    if (lines.length < count) return ERRNO.EINVAL;
    const config = bytes.subarray(REQUEST.config, REQUEST.config + CONFIG.sizeof);
    const errno = this.#check(config, lines);
    if (errno !== 0) return errno;
    if (lines.some(({ consumer }) => consumer !== undefined) || new Set(lines).size < count)
      return ERRNO.EBUSY;
    const consumer = bytes.toString('utf8', REQUEST.consumer, REQUEST.consumer + 32).replace(/\0.*/s, '');
    for (const [index, line] of lines.entries()) {
      line.consumer = consumer;
      apply(line, settingsOf(config, index));
    }
    bytes.writeInt32LE(this.#add({ chip, lines }), REQUEST.fd);
    return 0;
  }

  #askLines({ lines }: FakeRequest, request: number, bytes: Buffer): number {
    const mask =
      request === REQUESTS.GPIO_V2_LINE_SET_CONFIG_IOCTL ? 0n : bytes.readBigUInt64LE(LINE_VALUES.mask);
    const chosen = [...lines.entries()].filter(([index]) => (mask & (1n << BigInt(index))) !== 0n);
    switch (request) {
      case REQUESTS.GPIO_V2_LINE_GET_VALUES_IOCTL: {
        const bits = chosen.reduce((all, [i, line]) => all | (BigInt(this.logical(line)) << BigInt(i)), 0n);
        bytes.writeBigUInt64LE(bits, LINE_VALUES.bits);
        return 0;
      }
      case REQUESTS.GPIO_V2_LINE_SET_VALUES_IOCTL: {
        if (chosen.some(([, line]) => !line.isOutput)) return ERRNO.EPERM;
        const bits = bytes.readBigUInt64LE(LINE_VALUES.bits);
        for (const [index, line] of chosen) drive(line, bitOf(bits, index));
        return 0;
      }
      case REQUESTS.GPIO_V2_LINE_SET_CONFIG_IOCTL: {
        const errno = this.#check(bytes, lines);
        if (errno !== 0) return errno;
        for (const [index, line] of lines.entries()) {
          const settings = settingsOf(bytes, index);
          const direction = VALUES.GPIO_V2_LINE_FLAG_INPUT | VALUES.GPIO_V2_LINE_FLAG_OUTPUT;
          if ((settings.flags & direction) !== 0) apply(line, settings);
          if (settings.debounceUs > this.longestDebounceUs) return ERRNO.ENOTSUPP;
        }
        return 0;
      }
      default:
        return ERRNO.EINVAL;
    }
  }

  /** gpio_v2_line_config_validate */
  #check(config: Buffer, lines: readonly FakeLine[]): number {
    if (config.readUInt32LE(CONFIG.num_attrs) > VALUES.GPIO_V2_LINE_NUM_ATTRS_MAX) return ERRNO.EINVAL;
    for (const [index, line] of lines.entries()) {
      const { flags, debounceUs } = settingsOf(config, index);
      const has = (flag: number): boolean => (flags & flag) !== 0;
      const isInput = has(VALUES.GPIO_V2_LINE_FLAG_INPUT);
      const isOutput = has(VALUES.GPIO_V2_LINE_FLAG_OUTPUT);
      const drive = VALUES.GPIO_V2_LINE_FLAG_OPEN_DRAIN | VALUES.GPIO_V2_LINE_FLAG_OPEN_SOURCE;
      const edges = VALUES.GPIO_V2_LINE_FLAG_EDGE_RISING | VALUES.GPIO_V2_LINE_FLAG_EDGE_FALLING;
      if (has(VALUES.GPIO_V2_LINE_FLAG_EVENT_CLOCK_HTE)) return ERRNO.EOPNOTSUPP;
      if ((isInput && isOutput) || (has(edges) && !isInput) || (has(drive) && !isOutput)) return ERRNO.EINVAL;
      if (has(0x700) && !isInput && !isOutput) return ERRNO.EINVAL; // bias
      if (debounceUs > 0 && !isInput) return ERRNO.EINVAL;
      if ((has(edges) || debounceUs > 0) && !line.hasInterrupt) return ERRNO.ENXIO;
    }
    return 0;
  }

  #chipOf(fd: number): FakeChip | undefined {
    const each = this.#open.get(fd);
    return each !== undefined && 'chip' in each ? each.chip : each;
  }

  #add(each: FakeChip | FakeRequest): number {
    this.#lastFd += 1;
    this.#open.set(this.#lastFd, each);
    return this.#lastFd;
  }
}

function settingsOf(config: Buffer, index: number): Settings {
  const settings = { flags: Number(config.readBigUInt64LE(CONFIG.flags)), value: 0 as 0 | 1, debounceUs: 0 };
  const seen = new Set<number>();
  for (let each = 0; each < config.readUInt32LE(CONFIG.num_attrs); each += 1) {
    const at = CONFIG.attrs + each * CONFIG_ATTRIBUTE.sizeof;
    const id = config.readUInt32LE(at + ATTRIBUTE.id);
    const applies = (config.readBigUInt64LE(at + CONFIG_ATTRIBUTE.mask) & (1n << BigInt(index))) !== 0n;
    if (!applies || seen.has(id)) continue; // the first has precedence
    seen.add(id);
    const value = config.readBigUInt64LE(at + ATTRIBUTE.values);
    if (id === VALUES.GPIO_V2_LINE_ATTR_ID_FLAGS) settings.flags = Number(value);
    if (id === VALUES.GPIO_V2_LINE_ATTR_ID_DEBOUNCE) settings.debounceUs = Number(value);
    if (id === VALUES.GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES) settings.value = bitOf(value, index);
  }
  return settings;
}

function apply(line: FakeLine, { flags, value, debounceUs }: Settings): void {
  line.flags = flags;
  line.debounceUs = debounceUs;
  if ((flags & VALUES.GPIO_V2_LINE_FLAG_BIAS_PULL_UP) !== 0) line.pull = 1;
  if ((flags & VALUES.GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN) !== 0) line.pull = 0;
  if ((flags & VALUES.GPIO_V2_LINE_FLAG_OUTPUT) !== 0) {
    line.isOutput = true;
    drive(line, value);
  } else if ((flags & VALUES.GPIO_V2_LINE_FLAG_INPUT) !== 0) line.isOutput = false;
}

function drive(line: FakeLine, logical: 0 | 1): void {
  line.driven = flip(logical, line.flags);
  line.history.push(line.driven);
}

function flip(level: 0 | 1, flags: number): 0 | 1 {
  if ((flags & VALUES.GPIO_V2_LINE_FLAG_ACTIVE_LOW) === 0) return level;
  return level === 1 ? 0 : 1;
}

function bitOf(bits: bigint, index: number): 0 | 1 {
  return (bits & (1n << BigInt(index))) === 0n ? 0 : 1;
}
