import { openCameras } from '../composition/cameras.ts';
import { loadConfig } from '../config/index.ts';
import { ChildProcesses } from '../core/child-process.ts';
import { Lifetime } from '../core/lifetime.ts';
import type {
  CameraInfo,
  FrameSize,
  SensorControl,
  SensorFormat,
  SensorInfo,
} from '../hardware/cameras/camera.ts';
import { describeIoHardware, findIoHardware, suggestedConfiguration } from './io-hardware.ts';
import { createLog } from './log.ts';

export interface DevicesOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly suggest?: boolean;
}

/**
 * `vidicon devices`: prints every camera with what its driver tells of it, and the I/O hardware. Opens no stream and
 * drives nothing.
 * @throws AppError CONFIG_*
 */
export async function devices(options: DevicesOptions): Promise<void> {
  const io = await findIoHardware();
  if (options.suggest) {
    process.stdout.write(await suggestedConfiguration(io));
    return;
  }
  const { config } = await loadConfig({ file: options.config, env: process.env });
  const lifetime = new Lifetime();
  try {
    const processes = lifetime.use(new ChildProcesses());
    const log = createLog('warn', process.stderr);
    const cameras = lifetime.use(openCameras(config, { log, processes, encoders: () => undefined }));
    await cameras.refresh();
    const list = cameras.cameras();
    const text = options.json
      ? JSON.stringify({ cameras: list, io }, undefined, 2)
      : `${describe(list)}\n\n${describeIoHardware(io)}`;
    process.stdout.write(`${text}\n`);
  } finally {
    await lifetime[Symbol.asyncDispose]();
  }
}

/** The cameras as indented text. */
export function describe(cameras: readonly CameraInfo[]): string {
  if (cameras.length === 0) return 'No cameras.';
  return cameras.map(describeCamera).join('\n\n');
}

function describeCamera(camera: CameraInfo): string {
  const { mxid, cameraName, driver, kernelDriver, bus, path, serial } = camera;
  const how = [
    kernelDriver ?? driver,
    `${bus} ${path}`,
    ...(serial === undefined ? [] : [`serial ${serial}`]),
  ];
  return [`${mxid}  ${cameraName}  (${how.join(', ')})`, ...camera.sensors.map(describeSensor)].join('\n');
}

function describeSensor({ name, label, isColour, node, formats, controls }: SensorInfo): string {
  const where = node === undefined ? '' : `, ${node}`;
  return [
    `  ${name}  ${label}  (${isColour ? 'colour' : 'mono'}${where})`,
    ...formats.flatMap(describeFormat).map((line) => `    ${line}`),
    ...(controls.length > 0 ? ['    controls'] : []),
    ...controls.map((control) => `      ${describeControl(control)}`),
  ].join('\n');
}

function describeFormat({ pixelFormat, description, frameSizes }: SensorFormat): string[] {
  return [`${pixelFormat}  ${description}`, ...frameSizes.map((size) => `  ${describeSize(size)}`)];
}

function describeSize(size: FrameSize): string {
  if (size.kind === 'stepwise') {
    const { minWidth, maxWidth, stepWidth, minHeight, maxHeight, stepHeight } = size;
    return `${minWidth}×${minHeight} to ${maxWidth}×${maxHeight}, in steps of ${stepWidth}×${stepHeight}`;
  }
  const rates = size.frameIntervals.map(({ numerator, denominator }) => {
    return String(Math.round((denominator / numerator) * 100) / 100);
  });
  return `${size.width}×${size.height}${rates.length > 0 ? `  ${rates.join(', ')} fps` : ''}`;
}

function describeControl({
  name,
  type,
  minimum,
  maximum,
  step,
  defaultValue,
  value,
  menu,
  flags,
}: SensorControl): string {
  const choices = menu?.map(({ index, label }) => `${index} ${label}`).join(', ');
  const range =
    choices ?? (type === 'boolean' || type === 'button' ? '' : `${minimum} to ${maximum} step ${step}`);
  const marks = flags.length > 0 ? `  [${flags.join(', ')}]` : '';
  return `${name} (${type})  ${value ?? '?'}  default ${defaultValue}  ${range}${marks}`.replace(/ +$/, '');
}
