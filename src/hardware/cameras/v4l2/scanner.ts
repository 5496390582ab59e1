import { readdirSync, statSync } from 'node:fs';
import { AppError, toAppError } from '../../../core/app-error.ts';
import { type CameraInfo, DEPTH_SENSOR_NAMES, type SensorInfo, sensorName } from '../camera.ts';
import { assignMxids } from '../mxid.ts';
import { type Attachment, attachmentOf } from './attachment.ts';
import type { CaptureNode } from './inspect.ts';
import { isDepth } from './mode.ts';

/** Where the kernel's file systems are mounted: `/sys` and `/dev`, unless a test says otherwise. */
export interface Roots {
  readonly sys: string;
  readonly dev: string;
}

/** A video4linux node that is no camera of ours, and why. */
export interface SkippedNode {
  readonly node: string;
  readonly reason: string;
  /** True when it may well be a camera, but could not be looked into. */
  readonly isFault: boolean;
}

export interface ScanResult {
  readonly cameras: readonly CameraInfo[];
  readonly skipped: readonly SkippedNode[];
}

/** A usable node with where it is attached. */
interface FoundNode extends CaptureNode {
  readonly node: string;
  readonly attachment: Attachment;
}

/** `CAM_A` to `CAM_H`. */
const MAX_SENSORS = 8;
/** A damaged or hostile sysfs must not hang the service; the kernel has 256 minor numbers for video. */
const MAX_NODES = 256;

/** Formats that carry brightness only (or depth), by the driver's fourcc. */
const COLOURLESS = /^(GREY|Y0?4|Y0?6|Y1[0246].*|Y8I|Y12I|Z16|INZI)$/;

/**
 * Finds cameras through sysfs. Keeps what it has learned of a node while the node exists, because looking into
 * one wakes the camera up, and a camera that does not answer takes seconds.
 */
export class CameraScanner {
  readonly #roots: Roots;
  readonly #inspect: (node: string) => CaptureNode | string;
  #known = new Map<string, CaptureNode>();
  #sharedIdentities: ReadonlySet<string> = new Set();

  /** @param inspect looks into one node; returns why it is of no use, or throws an AppError. */
  constructor(roots: Roots, inspect: (node: string) => CaptureNode | string) {
    this.#roots = roots;
    this.#inspect = inspect;
  }

  /**
   * Looks at the cameras that are there now. Blocks while devices answer.
   * @param isThorough looks into known nodes again, for changed control values and formats.
   */
  scan(isThorough: boolean): ScanResult {
    const found: FoundNode[] = [];
    const skipped: SkippedNode[] = [];
    const known = new Map<string, CaptureNode>();
    for (const name of this.#entries()) {
      const entry = `${this.#roots.sys}/class/video4linux/${name}`;
      const node = `${this.#roots.dev}/${name}`;
      const key = registrationOf(entry);
      const attachment = attachmentOf(this.#roots.sys, entry);
      if (key === undefined || attachment === undefined) continue; // gone since it was listed
      const content = this.#lookInto(node, this.#known.get(key), isThorough);
      if (content instanceof AppError) {
        skipped.push({ node, reason: content.message, isFault: true });
      } else if (typeof content === 'string') {
        skipped.push({ node, reason: content, isFault: false });
      } else {
        known.set(key, content);
        found.push({ ...content, node, attachment });
      }
    }
    this.#known = known;
    return { cameras: this.#group(found), skipped };
  }

  /** A node that cannot be opened just now is still what it was. */
  #lookInto(
    node: string,
    known: CaptureNode | undefined,
    isThorough: boolean,
  ): CaptureNode | string | AppError {
    if (known !== undefined && !isThorough) return known;
    try {
      return this.#inspect(node);
    } catch (error) {
      return known ?? toAppError(error);
    }
  }

  /** `video0`, `video1`, … in the order of their numbers. */
  #entries(): string[] {
    const number = (name: string) => Number(name.slice('video'.length));
    try {
      return readdirSync(`${this.#roots.sys}/class/video4linux`)
        .filter((name) => /^video\d+$/.test(name))
        .sort((a, b) => number(a) - number(b))
        .slice(0, MAX_NODES);
    } catch {
      return []; // a kernel without video4linux, or none of its drivers loaded yet
    }
  }

  #group(found: readonly FoundNode[]): CameraInfo[] {
    const devices = new Map<string, FoundNode[]>();
    for (const node of found) {
      const key = deviceOf(node);
      devices.set(key, [...(devices.get(key) ?? []), node]);
    }
    const groups = [...devices].flatMap(([location, nodes]) => {
      const first = nodes[0];
      return first === undefined ? [] : [{ location, nodes: nodes.slice(0, MAX_SENSORS), first }];
    });
    const { mxids, shared } = assignMxids(
      groups.map(({ location, first: { attachment, capability } }) => ({
        location,
        label: attachment.serial ?? attachment.product ?? capability.busInfo.replace(/^.*:/, ''),
        ...(attachment.identity !== undefined && { identity: attachment.identity }),
      })),
      this.#sharedIdentities,
    );
    this.#sharedIdentities = shared;
    return groups.map(({ nodes, first }, index) => describe(mxids[index] ?? '', nodes, first));
  }
}

/**
 * What makes nodes one camera: the device they hang on, and on buses other than USB the name that the driver gives
 * its instance there, because one platform device may carry several cameras.
 */
function deviceOf({ attachment, capability }: FoundNode): string {
  return attachment.bus === 'usb' ? attachment.location : `${attachment.location} ${capability.busInfo}`;
}

function describe(mxid: string, nodes: readonly FoundNode[], first: FoundNode): CameraInfo {
  const { attachment, capability } = first;
  return {
    mxid,
    cameraName: capability.card,
    path: attachment.path,
    bus: attachment.bus,
    driver: 'v4l2',
    kernelDriver: capability.driver,
    ...(attachment.serial !== undefined && { serial: attachment.serial }),
    nodes: nodes.map(({ node }) => node),
    sensors: describeSensors(nodes),
  };
}

/** The sensors of pictures, then those that measure depth. */
function describeSensors(nodes: readonly FoundNode[]): SensorInfo[] {
  const pictures = nodes
    .filter(({ formats }) => !isDepth(formats))
    .map((node, index) => describeSensor(node, sensorName(index)));
  const depthNodes = nodes.filter(({ formats }) => isDepth(formats));
  const depths = DEPTH_SENSOR_NAMES.flatMap((name, index) => {
    const node = depthNodes[index];
    return node === undefined ? [] : [{ ...describeSensor(node, name), isColour: false }];
  });
  return [...pictures, ...depths];
}

function describeSensor({ node, capability, formats, controls }: FoundNode, name: string): SensorInfo {
  const isColour = formats.length === 0 || formats.some(({ pixelFormat }) => !COLOURLESS.test(pixelFormat));
  return { name, label: capability.card, isColour, node, formats, controls };
}

/** Distinguishes a node from a later one of the same name: sysfs never uses an inode number twice while it runs. */
function registrationOf(entry: string): string | undefined {
  try {
    return `${entry} ${statSync(entry).ino}`;
  } catch {
    return undefined;
  }
}
