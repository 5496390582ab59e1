import { toAppError } from '../../../core/app-error.ts';
import { POLLIN, poll } from '../../../core/libc.ts';
import { pollingThread } from '../../../core/polling-thread.ts';
import type { ControlValue, SensorControl } from '../camera.ts';
import { controlNotFound, whileSetting } from '../errors.ts';
import type { ControlAnswer, ControlCommand } from './control-requests.ts';
import { readControls, writeControl } from './controls.ts';
import { V4l2Device } from './device.ts';

/*
 * Entry of the thread that reads and sets controls, one request after the other: a camera that does not answer
 * blocks here for seconds, and nothing else. Each request opens the node anew, beside a capture that may run on it.
 */

const owner = pollingThread<undefined, ControlCommand, ControlAnswer>();
for (let isRunning = true; isRunning; ) {
  poll([{ fd: owner.wakeFd, events: POLLIN }], -1);
  for (const command of owner.receive()) {
    if (command.type === 'stop') isRunning = false;
    else owner.post(answer(command.node, command.values));
  }
}

function answer(node: string, values: readonly ControlValue[]): ControlAnswer {
  try {
    const device = V4l2Device.open(node);
    try {
      let controls = readControls(device);
      if (values.length > 0) {
        writeAll(device, controls, values);
        controls = readControls(device);
      }
      return { type: 'controls', controls };
    } finally {
      device[Symbol.dispose]();
    }
  } catch (error) {
    const { code, kind, message } = toAppError(error);
    return { type: 'failed', code, kind, message };
  }
}

function writeAll(
  device: V4l2Device,
  controls: readonly SensorControl[],
  values: readonly ControlValue[],
): void {
  const names = controls.map(({ name }) => name);
  const unknown = values.find(({ name }) => !names.includes(name));
  if (unknown !== undefined) throw controlNotFound(device.node, unknown.name, names);
  const done: string[] = [];
  for (const { name, value } of values) {
    const control = controls.find((each) => each.name === name);
    if (control === undefined) continue; // checked above
    try {
      writeControl(device, control, value);
    } catch (error) {
      throw whileSetting(toAppError(error), name, done);
    }
    done.push(name);
  }
}
