import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach } from 'vitest';
import { eventually, Service } from '../../support/service.ts';
import { VideoClient } from '../../support/video-client.ts';
import { TestPictures, UsbCamera, type VideoFormat } from '../lab/usb-camera/index.ts';
import { writeFailure } from './failure-folder.ts';

const MAIN = resolve(import.meta.dirname, '../../../dist/vidicon.js');

/** Whether this program runs in the lab. Elsewhere device tests are skipped. */
export const isInLab = process.env['VIDICON_LAB'] === '1';

/** A camera in the answers of the service, as far as device tests look at it. */
export interface ListedCamera {
  readonly mxid: string;
  /** Where it is attached. */
  readonly name: string;
  readonly serial?: string;
  readonly bus: string;
  readonly kernelDriver: string;
  readonly nodes: readonly string[];
  readonly sensors: readonly { readonly name: string; readonly isRunning: boolean }[];
}

export interface ListedStats {
  readonly state: string;
  readonly problem?: { readonly code: string; readonly message: string };
  readonly encoder?: { readonly codec: string; readonly pid: number };
  readonly codec?: string;
  readonly width?: number;
  readonly height?: number;
  readonly frameRate: number;
  readonly restarts: number;
  readonly picturesCaptured: number;
  readonly picturesLost: number;
}

type Configuration = Record<string, unknown>;

/**
 * What device tests work with. One service with the file's configuration serves all tests of a file, because its
 * start takes seconds in the lab; what a test starts or plugs in besides is ended after it.
 */
export class Lab {
  /** The first sensor, the only one that simulated webcams have. */
  readonly sensor = 'CAM_A';
  readonly #config: () => Configuration;
  /** What its USB cameras show. */
  readonly pictures = new TestPictures();
  #shared: Promise<Service> | undefined;
  #services: Service[] = [];
  #open: (AsyncDisposable | Disposable)[] = [];
  #doings: string[] = [];

  /** @param config the shared service's; real cameras are added, the simulated one is taken away. */
  constructor(config: () => Configuration) {
    this.#config = config;
  }

  /** The service that the file's tests share, started when it is first wanted. */
  service(): Promise<Service> {
    this.#shared ??= this.#start(this.#config());
    return this.#shared;
  }

  /** A service of this test alone. */
  async start(config: Configuration): Promise<Service> {
    const service = await this.#start(config);
    this.#open.push(service);
    return service;
  }

  /** Opens the video socket of a camera. */
  watch(service: Service, mxid: string, sensor = this.sensor): VideoClient {
    this.note(`watch ${mxid} ${sensor}`);
    const client = new VideoClient(service.videoUrl(sensor, mxid));
    this.#open.push(client);
    return client;
  }

  /** Waits until the cameras of a kernel driver that the service lists satisfy. */
  cameras(
    service: Service,
    kernelDriver: string,
    areEnough: (cameras: readonly ListedCamera[]) => boolean,
    what: string,
  ): Promise<ListedCamera[]> {
    return eventually(
      async () => {
        const cameras = await service.json<ListedCamera[]>('/cameras/');
        return cameras.filter((camera) => camera.kernelDriver === kernelDriver);
      },
      areEnough,
      what,
    );
  }

  stats(service: Service, mxid: string): Promise<ListedStats> {
    return service.json<ListedStats>(`/cameras/${mxid}/streams/${this.sensor}/stats`);
  }

  /** Waits until a stream's figures satisfy. */
  untilStats(
    service: Service,
    mxid: string,
    isEnough: (stats: ListedStats) => boolean,
    what: string,
  ): Promise<ListedStats> {
    return eventually(() => this.stats(service, mxid), isEnough, what);
  }

  /** The service's command line. @returns what it prints. */
  vidicon(...args: readonly string[]): Promise<string> {
    return this.run(process.execPath, MAIN, ...args);
  }

  /** Runs a program to its end. @returns what it prints. @throws when it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    this.note([program, ...args].join(' '));
    const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 1 << 26 });
    return stdout;
  }

  /** Starts a program that runs until the test ends or `stop` is called. */
  spawn(
    program: string,
    ...args: readonly string[]
  ): { readonly child: ChildProcess; stop(): Promise<void> } {
    this.note([program, ...args].join(' '));
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'exit');
    child.stderr.on('data', (bytes: Buffer) => this.note(`${program}: ${bytes.toString().trim()}`));
    const stop = async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    };
    this.#open.push({ [Symbol.asyncDispose]: stop });
    return { child, stop };
  }

  /** Plugs a USB camera in, until the test ends or `unplug`. @param formats a webcam's when absent. */
  async plug(port: number, serial: string, formats?: readonly VideoFormat[]): Promise<UsbCamera> {
    this.note(`plug ${serial} into USB port ${port}`);
    const own = formats && { formats };
    const camera = await UsbCamera.plug({ port, serial, pictures: this.pictures, ...own });
    this.#open.push(camera);
    return camera;
  }

  async unplug(camera: UsbCamera): Promise<void> {
    this.note(`unplug ${camera.serial}`);
    await camera[Symbol.asyncDispose]();
  }

  /** Undoes something at the end of the test. */
  defer(undo: () => Promise<unknown>): void {
    const dispose = async (): Promise<void> => {
      await undo();
    };
    this.#open.push({ [Symbol.asyncDispose]: dispose });
  }

  /** Remembers what a test does, for the case that it fails. */
  note(what: string): void {
    this.#doings.push(`${new Date().toISOString()} ${what}`);
  }

  /** Ends what the test has opened, and waits until the shared service has come to rest. */
  async endTest(): Promise<void> {
    for (const each of this.#open.splice(0).reverse()) {
      if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
      else each[Symbol.dispose]();
    }
    const shared = await this.#running();
    if (shared === undefined) return;
    const busy = async (): Promise<string[]> => {
      const cameras = await shared.json<ListedCamera[]>('/cameras/');
      const open = cameras.flatMap(({ mxid, sensors }) =>
        sensors.some((each) => each.isRunning) ? [mxid] : [],
      );
      return [...open, ...shared.children().map((pid) => `process ${pid}`)];
    };
    await eventually(busy, ({ length }) => length === 0, 'The shared service coming to rest');
  }

  /** What the test and its services did. */
  get record(): ReadonlyMap<string, readonly string[]> {
    const logs = this.#services.map(({ log }, index) => [`service-${index + 1}.log`, log] as const);
    const doings = [...this.#doings, ...this.#services.flatMap(({ requests }) => requests)].sort();
    return new Map([...logs, ['requests.txt', doings]]);
  }

  /** Forgets what the test did; the shared service goes on. */
  async forget(): Promise<void> {
    const shared = await this.#running();
    this.#services = shared === undefined ? [] : [shared];
    this.#doings = [];
  }

  async end(): Promise<void> {
    const shared = await this.#running();
    await shared?.[Symbol.asyncDispose]();
  }

  /** The shared service, if it has started; whoever wanted it has heard why not. */
  #running(): Promise<Service | undefined> {
    return this.#shared?.catch(() => undefined) ?? Promise.resolve(undefined);
  }

  async #start(config: Configuration): Promise<Service> {
    const cameras = {
      v4l2: { enabled: true },
      simulated: { enabled: 'never' },
      ...(config['cameras'] as object),
    };
    const service = await Service.start({ config: { ...config, cameras } });
    this.#services.push(service);
    return service;
  }
}

/** Makes the lab for the tests of a `describe` block. A test that fails leaves a folder and says where. */
export function useLab(config: () => Configuration): Lab {
  const lab = new Lab(config);
  afterEach(async ({ task }) => {
    let problem: unknown;
    try {
      await lab.endTest();
    } catch (error) {
      problem = error;
    }
    if (problem !== undefined || task.result?.state === 'fail') {
      console.error(`Logs of this failure: ${writeFailure(task.name, lab.record)}`);
    }
    await lab.forget();
    if (problem !== undefined) throw problem;
  });
  afterAll(() => lab.end());
  return lab;
}
