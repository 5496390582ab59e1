import type { SensorControl } from '../../../src/hardware/cameras/camera.ts';

/** A control as `v4l2-ctl --list-ctrls-menus` prints it. */
export interface PrintedControl {
  readonly name: string;
  /** `int`, `bool`, `menu`, … */
  readonly type: string;
  /** `min`, `max`, `step`, `default` and `value`, as far as it prints them. */
  readonly fields: Readonly<Record<string, string>>;
  readonly menu: readonly { readonly index: number; readonly label: string }[];
  readonly flags: readonly string[];
}

/** Reads the output of `v4l2-ctl --list-ctrls-menus`. */
export function parseControls(output: string): PrintedControl[] {
  const controls: (PrintedControl & { menu: { index: number; label: string }[] })[] = [];
  for (const line of output.split('\n')) {
    const control = /^\s+(\w+) 0x[0-9a-f]{8} \((\w+)\s*\)\s*: (.*)$/.exec(line);
    const choice = /^\t{4}(\d+): (.*)$/.exec(line);
    if (control) {
      const [, name = '', type = '', rest = ''] = control;
      const fields = Object.fromEntries(
        [...rest.matchAll(/(\w+)=('[^']*'|\S+)/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
      );
      const flags = /flags=(.*)$/.exec(rest)?.[1]?.split(', ') ?? [];
      controls.push({ name, type, fields, flags, menu: [] });
    } else if (choice) {
      controls.at(-1)?.menu.push({ index: Number(choice[1]), label: choice[2] ?? '' });
    }
  }
  return controls;
}

/**
 * Reads the output of `v4l2-ctl --list-formats-ext`: one line for each frame interval, `YUYV 320x180 0.033 s`.
 * Blanks that fill a fourcc up (`Y16 `) are left out.
 */
export function parseModes(output: string): string[] {
  const modes: string[] = [];
  let [format, size] = ['', ''];
  for (const line of output.split('\n')) {
    format = /^\t\[\d+\]: '(.*)' \(/.exec(line)?.[1]?.replaceAll(' ', '') ?? format;
    size = /^\t\tSize: Discrete (\S+)/.exec(line)?.[1] ?? size;
    const interval = /^\t\t\tInterval: Discrete (\S+)s/.exec(line)?.[1];
    if (interval !== undefined) modes.push(`${format} ${size} ${interval} s`);
  }
  return modes;
}

const PRINTED_TYPES: Readonly<Record<string, string>> = {
  integer: 'int',
  integer64: 'int64',
  boolean: 'bool',
  menu: 'menu',
  'integer-menu': 'intmenu',
  button: 'button',
  bitmask: 'bitmask',
  string: 'str',
};
const FLAGS: readonly string[] = ['disabled', 'grabbed', 'read-only', 'inactive', 'volatile', 'write-only'];

/** The words of v4l2-ctl for what `vidicon devices` tells of a control. */
export function asPrinted(control: SensorControl): object {
  const { name, type, minimum, maximum, step, defaultValue, value, menu = [], flags } = control;
  const numbers = { min: minimum, max: maximum, step, default: defaultValue, value };
  return { name, type: PRINTED_TYPES[type], numbers, menu, flags };
}

/** What v4l2-ctl leaves out it takes from `like`: it prints only what says something for the type. */
export function printedLike(
  { name, type, fields, menu, flags }: PrintedControl,
  like: SensorControl,
): object {
  const number = (field: string, otherwise: number | string | undefined) => {
    const text = fields[field];
    if (text === undefined || type === 'button') return otherwise;
    if (type === 'str') return field === 'value' ? text.slice(1, -1) : Number(text);
    return type === 'bitmask' ? Number(text) >>> 0 : Number(text);
  };
  const numbers = {
    min: number('min', like.minimum),
    max: number('max', like.maximum),
    step: number('step', like.step),
    default: number('default', like.defaultValue),
    value: flags.includes('volatile') ? like.value : number('value', like.value),
  };
  const labels =
    type === 'intmenu' ? menu.map((each) => ({ ...each, label: each.label.split(' ')[0] })) : menu;
  return { name, type, numbers, menu: labels, flags: flags.filter((flag) => FLAGS.includes(flag)) };
}
