import { addressOf, ERRNO } from '../../../core/libc.ts';
import type { ControlType, SensorControl } from '../camera.ts';
import { controlLocked, controlRejected } from '../errors.ts';
import { text, type V4l2Device } from './device.ts';
import { STRUCTS, VALUES } from './layout.ts';

const { v4l2_query_ext_ctrl, v4l2_querymenu, v4l2_ext_control, v4l2_ext_controls } = STRUCTS;

// A driver that never ends an enumeration must not hang the service; real ones stay far below.
const MAX_CONTROLS = 512;
const MAX_MENU_ITEMS = 256;
const MAX_STRING_BYTES = 4096;

const TYPES: ReadonlyMap<number, ControlType> = new Map([
  [VALUES.V4L2_CTRL_TYPE_INTEGER, 'integer'],
  [VALUES.V4L2_CTRL_TYPE_BOOLEAN, 'boolean'],
  [VALUES.V4L2_CTRL_TYPE_MENU, 'menu'],
  [VALUES.V4L2_CTRL_TYPE_BUTTON, 'button'],
  [VALUES.V4L2_CTRL_TYPE_INTEGER64, 'integer64'],
  [VALUES.V4L2_CTRL_TYPE_STRING, 'string'],
  [VALUES.V4L2_CTRL_TYPE_BITMASK, 'bitmask'],
  [VALUES.V4L2_CTRL_TYPE_INTEGER_MENU, 'integer-menu'],
]);

const FLAGS = [
  [VALUES.V4L2_CTRL_FLAG_DISABLED, 'disabled'],
  [VALUES.V4L2_CTRL_FLAG_GRABBED, 'grabbed'],
  [VALUES.V4L2_CTRL_FLAG_READ_ONLY, 'read-only'],
  [VALUES.V4L2_CTRL_FLAG_INACTIVE, 'inactive'],
  [VALUES.V4L2_CTRL_FLAG_VOLATILE, 'volatile'],
  [VALUES.V4L2_CTRL_FLAG_WRITE_ONLY, 'write-only'],
] as const;

const ETIMEDOUT = 110;

/**
 * The controls of a device with their present values.
 * Arrays and structures are listed as `other` without a value. 64-bit numbers beyond 2^53 lose precision.
 * @throws AppError SOURCE_GONE.
 */
export function readControls(device: V4l2Device): SensorControl[] {
  const controls: SensorControl[] = [];
  const bytes = Buffer.alloc(v4l2_query_ext_ctrl.sizeof);
  let last = 0;
  for (let count = 0; count < MAX_CONTROLS; count++) {
    bytes.fill(0);
    const next = (last | VALUES.V4L2_CTRL_FLAG_NEXT_CTRL | VALUES.V4L2_CTRL_FLAG_NEXT_COMPOUND) >>> 0;
    bytes.writeUInt32LE(next, v4l2_query_ext_ctrl.id);
    // Any failure but its absence ends the list: EINVAL is its end, and a device that does not answer (each try
    // takes seconds) is worth listing with the controls known so far.
    const end = device.attempt('VIDIOC_QUERY_EXT_CTRL', bytes);
    if (end === ERRNO.ENODEV) throw device.error('VIDIOC_QUERY_EXT_CTRL', end);
    if (end !== 0) break;
    const id = bytes.readUInt32LE(v4l2_query_ext_ctrl.id);
    if (id <= last) break;
    last = id;
    if (bytes.readUInt32LE(v4l2_query_ext_ctrl.type) === VALUES.V4L2_CTRL_TYPE_CTRL_CLASS) continue;
    const control = describe(device, bytes);
    const { value, errno } = readValue(device, control);
    controls.push({ ...control, value });
    if (errno === ETIMEDOUT) break;
  }
  return controls;
}

function describe(device: V4l2Device, bytes: Buffer): SensorControl {
  const id = bytes.readUInt32LE(v4l2_query_ext_ctrl.id);
  const flags = bytes.readUInt32LE(v4l2_query_ext_ctrl.flags);
  const isArray = bytes.readUInt32LE(v4l2_query_ext_ctrl.nr_of_dims) > 0;
  const known = isArray ? undefined : TYPES.get(bytes.readUInt32LE(v4l2_query_ext_ctrl.type));
  const type = known ?? 'other';
  const minimum = Number(bytes.readBigInt64LE(v4l2_query_ext_ctrl.minimum));
  const maximum = Number(bytes.readBigInt64LE(v4l2_query_ext_ctrl.maximum));
  const control: SensorControl = {
    id,
    name: controlName(text(bytes, v4l2_query_ext_ctrl.name, 32)),
    type,
    minimum,
    maximum,
    step: Number(bytes.readBigUInt64LE(v4l2_query_ext_ctrl.step)),
    defaultValue: Number(bytes.readBigInt64LE(v4l2_query_ext_ctrl.default_value)),
    value: undefined,
    flags: FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name),
  };
  if (type !== 'menu' && type !== 'integer-menu') return control;
  return { ...control, menu: readMenu(device, control) };
}

/** Menus may have holes: an index that the driver refuses is no choice. */
function readMenu(device: V4l2Device, { id, type, minimum, maximum }: SensorControl) {
  const menu: { index: number; label: string }[] = [];
  const bytes = Buffer.alloc(v4l2_querymenu.sizeof);
  for (let index = minimum; index <= Math.min(maximum, minimum + MAX_MENU_ITEMS); index++) {
    bytes.fill(0);
    bytes.writeUInt32LE(id, v4l2_querymenu.id);
    bytes.writeUInt32LE(index, v4l2_querymenu.index);
    if (device.attempt('VIDIOC_QUERYMENU', bytes) !== 0) continue;
    const label =
      type === 'menu'
        ? text(bytes, v4l2_querymenu.name, 32)
        : bytes.readBigInt64LE(v4l2_querymenu.value).toString();
    menu.push({ index, label });
  }
  return menu;
}

/** The name as v4l2-ctl prints it: runs of anything but letters and digits become one underscore. */
export function controlName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .toLowerCase();
}

/** The present value of a control, or the errno of the attempt; neither for a control that has no value to read. */
function readValue(
  device: V4l2Device,
  control: SensorControl,
): { value: number | string | undefined; errno: number } {
  const { type, flags } = control;
  const none = { value: undefined, errno: 0 };
  if (type === 'button' || type === 'other') return none;
  if (flags.includes('write-only') || flags.includes('disabled')) return none;
  const { one, payload, errno } = exchange(device, 'VIDIOC_G_EXT_CTRLS', control);
  if (errno !== 0) return { value: undefined, errno };
  switch (type) {
    case 'string':
      return { value: payload.toString('utf8').replace(/\0.*$/s, ''), errno };
    case 'integer64':
      return { value: Number(one.readBigInt64LE(v4l2_ext_control.value64)), errno };
    case 'bitmask':
      return { value: one.readUInt32LE(v4l2_ext_control.value), errno };
    default:
      return { value: one.readInt32LE(v4l2_ext_control.value), errno };
  }
}

/**
 * Reads one control again: drivers round what they are given, and automatic modes move values.
 * @throws AppError SOURCE_GONE, SOURCE_FAILED.
 */
export function readControl(device: V4l2Device, control: SensorControl): number | string | undefined {
  const { value, errno } = readValue(device, control);
  if (errno !== 0) throw device.error(`VIDIOC_G_EXT_CTRLS ${control.name}`, errno);
  return value;
}

/**
 * Sets one control. Drivers round a number to the nearest step or refuse it.
 * @throws AppError CONTROL_REJECTED (no such value), CONTROL_LOCKED (read-only, or held by an automatic mode or a
 * running capture), SOURCE_GONE, SOURCE_FAILED.
 */
export function writeControl(device: V4l2Device, control: SensorControl, value: number | string): void {
  if (!fits(control, value)) throw controlRejected(device.node, control, value);
  const { errno } = exchange(device, 'VIDIOC_S_EXT_CTRLS', control, value);
  switch (errno) {
    case 0:
      return;
    case ERRNO.EINVAL:
    case ERRNO.ERANGE:
    case ERRNO.EPIPE: // how USB cameras refuse a request (a stall)
      throw controlRejected(device.node, control, value);
    case ERRNO.EACCES:
    case ERRNO.EBUSY:
      throw controlLocked(device.node, control);
    default:
      throw device.error(`VIDIOC_S_EXT_CTRLS ${control.name}`, errno);
  }
}

/** The kernel would cut a number down to the control's width and take the rest. */
function fits({ type, minimum, maximum }: SensorControl, value: number | string): boolean {
  const number = Number(value);
  switch (type) {
    case 'string':
      return true;
    case 'bitmask':
      return number >= 0 && number <= 0xffff_ffff;
    case 'button':
      return Number.isFinite(number);
    default:
      return number >= minimum && number <= maximum;
  }
}

/** One control at a time, so that one that fails leaves the others alone. */
function exchange(
  device: V4l2Device,
  request: 'VIDIOC_G_EXT_CTRLS' | 'VIDIOC_S_EXT_CTRLS',
  { id, type, maximum }: SensorControl,
  value?: number | string,
): { one: Buffer; payload: Buffer; errno: number } {
  const one = Buffer.alloc(v4l2_ext_control.sizeof);
  const payload = Buffer.alloc(type === 'string' ? Math.min(maximum + 1, MAX_STRING_BYTES) : 0);
  one.writeUInt32LE(id, v4l2_ext_control.id);
  if (type === 'string') {
    payload.write(String(value ?? ''), 0, payload.length - 1, 'utf8');
    one.writeUInt32LE(payload.length, v4l2_ext_control.size);
    one.writeBigUInt64LE(addressOf(payload), v4l2_ext_control.string);
  } else if (value !== undefined) {
    // The kernel reads 4 or 8 of these bytes by the control's type.
    one.writeBigInt64LE(BigInt(Math.trunc(Number(value))), v4l2_ext_control.value64);
  }
  const list = Buffer.alloc(v4l2_ext_controls.sizeof);
  list.writeUInt32LE(VALUES.V4L2_CTRL_WHICH_CUR_VAL, v4l2_ext_controls.which);
  list.writeUInt32LE(1, v4l2_ext_controls.count);
  list.writeBigUInt64LE(addressOf(one), v4l2_ext_controls.controls);
  return { one, payload, errno: device.attempt(request, list) };
}
