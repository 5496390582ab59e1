import { element } from './element.ts';
import type { CircuitSetting, SettingValue } from './io-circuit.ts';
import { formatSettingName, nameOf, UNKNOWN } from './io-format.ts';
import type { LiveCircuit } from './io-live-circuit.ts';
import type { CircuitPart } from './io-part.ts';
import type { CircuitWriter } from './io-writer.ts';

/** A circuit's settings and where it is, folded away until somebody wants them. */
export class CircuitSettings implements CircuitPart {
  readonly element: HTMLDetailsElement;
  readonly #fields: ReadonlyMap<string, SettingField>;

  constructor(circuit: LiveCircuit, writer: CircuitWriter) {
    const { settings, driver, hardware } = circuit;
    this.#fields = new Map(settings.map((setting) => [setting.name, settingField(setting, writer)]));
    const list = element('div', { class: 'io-settings' });
    for (const setting of settings) {
      const field = this.#fields.get(setting.name);
      if (field === undefined) continue;
      list.append(element('label', {}, element('span', {}, formatSettingName(setting)), field.element));
    }
    const title = settings.length > 0 ? 'Settings' : 'Details';
    this.element = element(
      'details',
      {},
      element('summary', { 'aria-label': `${title} of ${nameOf(circuit)}` }, title),
      list,
      element('p', { class: 'io-place' }, `${hardware} · ${driver.name} (${driver.kind})`),
    );
  }

  show({ settings }: LiveCircuit): void {
    for (const setting of settings) this.#fields.get(setting.name)?.show(setting);
  }
}

interface SettingField {
  readonly element: HTMLElement;
  show(setting: CircuitSetting): void;
}

function settingField(setting: CircuitSetting, writer: CircuitWriter): SettingField {
  const { name, kind, writable } = setting;
  if (!writable) {
    const output = element('output');
    return { element: output, show: ({ value }) => output.replaceChildren(String(value ?? UNKNOWN)) };
  }
  const field = kind === 'choice' ? choiceField(setting) : inputField(kind);
  let real = setting;
  let state: 'shown' | 'edited' | 'writing' = 'shown';
  const finish = (): void => {
    state = 'shown';
    field.show(real);
  };
  field.element.addEventListener('input', () => {
    state = 'edited';
  });
  field.element.addEventListener('change', () => {
    const value = field.read();
    if (value === undefined) {
      finish();
      return;
    }
    state = 'writing';
    void writer.write({ [name]: value }).then(finish);
  });
  field.element.addEventListener('blur', () => {
    if (state === 'edited') finish();
  });
  return {
    element: field.element,
    show: (present) => {
      real = present;
      // Whoever is at it is not interrupted.
      if (state === 'shown') field.show(real);
    },
  };
}

interface WritableField {
  readonly element: HTMLInputElement | HTMLSelectElement;
  show(setting: CircuitSetting): void;
  /** Undefined: nothing that could be written. */
  read(): SettingValue | undefined;
}

function choiceField({ choices = [] }: CircuitSetting): WritableField {
  const select = element('select', {}, ...choices.map((choice) => element('option', {}, choice)));
  return {
    element: select,
    show: ({ value }) => {
      if (select.value !== value) select.value = String(value ?? '');
    },
    read: () => select.value,
  };
}

function inputField(kind: CircuitSetting['kind']): WritableField {
  const input = element('input', { type: kind === 'boolean' ? 'checkbox' : 'number' });
  if (kind === 'number') input.step = 'any';
  return {
    element: input,
    show: ({ value, minimum, maximum }) => {
      input.min = String(minimum ?? '');
      input.max = String(maximum ?? '');
      if (kind === 'boolean') input.checked = value === true;
      else if (input.value !== String(value ?? '')) input.value = String(value ?? '');
    },
    read: () => {
      if (kind === 'boolean') return input.checked;
      return Number.isNaN(input.valueAsNumber) ? undefined : input.valueAsNumber;
    },
  };
}
