import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppError, toAppError } from '../../../../core/app-error.ts';
import type { Timer } from '../../../../core/clock.ts';
import type { DriverServices } from '../../driver.ts';
import { ioBusy, ioDenied, ioGone, ioNotPresent, ioUnsupported } from '../../errors.ts';
import { type AttributeOwner, Attributes, errnoName, Turns } from '../sysfs/index.ts';
import { findIioDevice, iioDevices } from './iio-devices.ts';
import { decodeSample, layOut, parseScanType, type ScanType } from './scan-type.ts';

/** Most records of one read, and of what the kernel keeps before it drops new ones. */
const RECORDS = 256;
/** Samples are told at most this often, all since the last time together; more often only when so many records wait. */
const TELL_EVERY_MS = 10;
/** The kernel wakes nobody when a device is removed: after so long without a sample, it is asked. */
const ASK_AFTER_MS = 5000;
/** A stamp older than this is none: some triggers leave it out. */
const OLDEST_STAMP_US = 60_000_000;

export interface SampleListener {
  /**
   * @param raws one at least, oldest first.
   * @param takenUs when the last was taken, CLOCK_MONOTONIC in microseconds: the kernel's stamp where there is one.
   */
  onSamples(raws: readonly number[], takenUs: number): void;
  /** Attributes may have changed, which channels share. */
  onConfigured(): Promise<void>;
  /** Capturing has ended. */
  onEnd(error: AppError): void;
}

interface Element {
  readonly channel: string | undefined;
  readonly type: ScanType;
  readonly index: number;
}

interface Run {
  readonly device: Attributes;
  readonly file: FileHandle;
  readonly elements: readonly Element[];
  readonly offsets: readonly number[];
  readonly recordBytes: number;
  readonly watch: AsyncDisposable;
  /** Not told yet. */
  records: DataView[];
  lastBytesUs: number;
  telling: Timer | undefined;
  asking: Timer;
}

export interface CaptureOptions {
  readonly device: string;
  readonly trigger: string;
  readonly services: DriverServices;
  readonly owner: AttributeOwner;
}

/**
 * Samples of one IIO device, captured through its buffer whenever a trigger fires. All channels of a device are
 * captured together.
 * @see Linux Documentation/iio/iio_devbuf.rst, Documentation/ABI/testing/sysfs-bus-iio
 */
export class Capture {
  readonly #options: CaptureOptions;
  readonly #listeners = new Map<string, SampleListener>();
  readonly #turns: Turns;
  #run: Run | undefined;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#turns = new Turns(options.owner.where, options.services.clock);
  }

  /** Adds a channel, before the first start. */
  join(channel: string, listener: SampleListener): void {
    this.#listeners.set(channel, listener);
  }

  /** Starts capturing, unless it runs. @throws AppError */
  start(): Promise<void> {
    return this.#turns.take(async () => {
      this.#run ??= await this.#begin();
    });
  }

  /** Ends capturing and gives the device back. Idempotent. */
  stop(): Promise<void> {
    return this.#turns.take(async () => {
      const run = this.#run;
      this.#run = undefined;
      if (run === undefined) return;
      await this.#end(run);
      this.#tellEnd(ioGone(this.#options.owner.where));
    });
  }

  /** Changes attributes that the kernel locks while it captures. */
  configure(change: () => Promise<void>): Promise<void> {
    return this.#turns.take(async () => {
      const device = this.#run?.device;
      await device?.write('buffer/enable', 0);
      try {
        await change();
      } finally {
        await device?.write('buffer/enable', 1);
      }
      for (const listener of this.#listeners.values()) await listener.onConfigured();
    });
  }

  async #begin(): Promise<Run> {
    const { services, owner, device: wanted } = this.#options;
    const { id, folder } = await findIioDevice(services.roots.sys, wanted, owner);
    const device = new Attributes(folder, owner);
    await this.#checkTrigger();
    const file = await this.#open(id);
    try {
      // Nobody else reads, now that we do: a buffer that is on was left so by a program that crashed.
      if ((await device.text('buffer/enable')) !== '0') await device.write('buffer/enable', 0);
      const elements = await this.#enableElements(device);
      const { offsets, bytes: recordBytes } = layOut(elements.map(({ type }) => type));
      await device.write('trigger/current_trigger', this.#options.trigger);
      await device.write('buffer/length', RECORDS).catch(() => undefined); // a buffer in hardware has its own
      await device.write('buffer/enable', 1);
      const run: Run = {
        device,
        file,
        elements,
        offsets,
        recordBytes,
        watch: services.descriptors.watch(
          file.fd,
          { maxBytes: recordBytes * RECORDS },
          {
            onBytes: (bytes, readUs) => this.#onBytes(run, bytes, readUs),
            onEnd: (error) => this.#onEnd(run, ioGone(owner.where, error)),
          },
        ),
        records: [],
        lastBytesUs: services.clock.monotonicUs(),
        telling: undefined,
        asking: services.clock.after(ASK_AFTER_MS, () => void this.#ask(run)),
      };
      return run;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #end(run: Run): Promise<void> {
    run.telling?.[Symbol.dispose]();
    run.asking[Symbol.dispose]();
    await run.watch[Symbol.asyncDispose]();
    try {
      await run.device.write('buffer/enable', 0);
      await run.device.write('trigger/current_trigger', '');
    } catch {
      // The device is gone; there is nothing to give back.
    } finally {
      await run.file.close();
    }
  }

  async #checkTrigger(): Promise<void> {
    const { services, owner, trigger } = this.#options;
    const triggers = await iioDevices(services.roots.sys, owner, 'trigger');
    if (triggers.some(({ name }) => name === trigger)) return;
    const names = triggers.map(({ name }) => name).join(', ') || 'none';
    throw ioNotPresent(owner.where, `no IIO trigger is called ${trigger}; there is ${names}`);
  }

  async #open(id: string): Promise<FileHandle> {
    const { services, owner } = this.#options;
    const path = join(services.roots.dev, id);
    try {
      return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const errno = errnoName(error);
      if (errno === 'EBUSY') throw ioBusy(owner.where, undefined, error);
      if (errno === 'EACCES' || errno === 'EPERM')
        throw ioDenied(owner.where, `${path}: ${owner.advice}`, error);
      throw ioNotPresent(owner.where, `${path} cannot be opened (${errno ?? String(error)})`, error);
    }
  }

  /** Has the kernel capture our channels and nothing else, in order of their index; the stamp comes last. */
  async #enableElements(device: Attributes): Promise<Element[]> {
    const { owner } = this.#options;
    const folder = new Attributes(join(device.folder, 'scan_elements'), owner);
    const enables = (await folder.names()).filter((name) => name.endsWith('_en'));
    const hasStamp = enables.includes('in_timestamp_en') && (await this.#stampMonotonically(device));
    const wanted = new Map<string, string | undefined>(
      [...this.#listeners.keys()].map((each) => [`in_${each}`, each]),
    );
    if (hasStamp) wanted.set('in_timestamp', undefined);
    // Some devices capture one channel at a time, so those we do not want go first.
    for (const name of enables) {
      if (!wanted.has(name.slice(0, -'_en'.length))) await folder.write(name, 0);
    }
    const elements: Element[] = [];
    for (const [name, channel] of wanted) {
      if (!enables.includes(`${name}_en`))
        throw ioUnsupported(owner.where, `capture ${channel} through its buffer`);
      const text = await folder.text(`${name}_type`);
      const type = parseScanType(text);
      if (type === undefined) throw folder.malformed(`${name}_type`, text, 'a type such as le:s12/16>>4');
      await folder.write(`${name}_en`, 1).catch((error: AppError) => {
        if (error.code !== 'IO_UNSUPPORTED') throw error;
        const channels = [...this.#listeners.keys()].join(' and ');
        throw ioUnsupported(owner.where, `capture ${channels} together`, error);
      });
      elements.push({ channel, type, index: await folder.integer(`${name}_index`) });
    }
    return elements.sort((a, b) => a.index - b.index);
  }

  /** @returns whether stamps are of CLOCK_MONOTONIC. */
  async #stampMonotonically(device: Attributes): Promise<boolean> {
    try {
      await device.write('current_timestamp_clock', 'monotonic');
      return true;
    } catch {
      return false;
    }
  }

  #onBytes(run: Run, bytes: Uint8Array, readUs: number): void {
    const { recordBytes } = run;
    const count = Math.floor(bytes.byteLength / recordBytes);
    if (run !== this.#run || count === 0) return;
    for (let index = 0; index < count; index += 1) {
      run.records.push(new DataView(bytes.buffer, bytes.byteOffset + index * recordBytes, recordBytes));
    }
    run.lastBytesUs = readUs;
    if (run.telling === undefined || run.records.length >= RECORDS) this.#tell(run);
  }

  #tell(run: Run): void {
    const { records, elements, offsets, lastBytesUs } = run;
    run.telling?.[Symbol.dispose]();
    run.telling = undefined;
    const newest = records.at(-1);
    if (newest === undefined) return;
    run.records = [];
    run.telling = this.#options.services.clock.after(TELL_EVERY_MS, () => this.#tell(run));
    const stampAt = elements.findIndex(({ channel }) => channel === undefined);
    const stamp = elements[stampAt];
    const stampNs = stamp === undefined ? 0n : decodeSample(newest, offsets[stampAt] ?? 0, stamp.type);
    const stampUs = Number(stampNs / 1000n);
    const isStamp = stampUs > Math.max(0, lastBytesUs - OLDEST_STAMP_US) && stampUs <= lastBytesUs;
    for (const [index, { channel, type }] of elements.entries()) {
      if (channel === undefined) continue;
      const raws = records.map((record) => Number(decodeSample(record, offsets[index] ?? 0, type)));
      this.#listeners.get(channel)?.onSamples(raws, isStamp ? stampUs : lastBytesUs);
    }
  }

  /** Asks a device that gives no samples whether it still captures. */
  async #ask(run: Run): Promise<void> {
    const { clock } = this.#options.services;
    if (clock.monotonicUs() - run.lastBytesUs >= ASK_AFTER_MS * 1000) {
      try {
        await this.#turns.take(async () => {
          if (run === this.#run && (await run.device.text('buffer/enable')) !== '1')
            throw ioGone(this.#options.owner.where);
        });
      } catch (error) {
        this.#onEnd(run, toAppError(error));
      }
    }
    if (run === this.#run) run.asking = clock.after(ASK_AFTER_MS, () => void this.#ask(run));
  }

  #onEnd(run: Run, error: AppError): void {
    if (run === this.#run) this.#tellEnd(error);
  }

  #tellEnd(error: AppError): void {
    for (const listener of this.#listeners.values()) listener.onEnd(error);
  }
}
