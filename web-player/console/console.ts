import { element, setText } from './element.ts';
import { formatUptime } from './figures.ts';
import { IoPanel } from './io-panel.ts';
import { SensorGrid } from './sensor-grid.ts';
import { SensorView } from './sensor-view.ts';
import { fetchHealth, fetchSensors, type Sensor } from './service-api.ts';

const REFRESH_MS = 2_000;

/** What fills the page below the header. */
interface View {
  readonly element: HTMLElement;
  refresh(): Promise<unknown>;
  dispose(): void;
}

/** The start page: follows the address and the service, and shows the view that belongs to both. */
class Console {
  readonly #main = byId('main');
  readonly #notice = element('div', { class: 'notice', role: 'alert', hidden: true });
  readonly #place = element('div');
  readonly #io = new IoPanel();
  #sensors: readonly Sensor[] | undefined;
  #view: View | undefined;
  #viewKey = '';
  #timer: number | undefined;

  start(): void {
    this.#main.append(this.#notice, this.#place, this.#io.element);
    addEventListener('hashchange', () => {
      this.#render();
      this.#main.focus({ preventScroll: true });
      scrollTo(0, 0);
    });
    document.addEventListener('visibilitychange', () => this.#schedule(0));
    document.querySelector('[data-skip]')?.addEventListener('click', (event) => {
      event.preventDefault(); // the hash is the route
      this.#main.focus();
    });
    this.#render();
    this.#schedule(0);
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#timer = setTimeout(() => {
      void this.#refresh().finally(() => this.#schedule(REFRESH_MS));
    }, afterMs);
  }

  async #refresh(): Promise<void> {
    try {
      const [health, sensors] = await Promise.all([fetchHealth(), fetchSensors()]);
      this.#showHealth('ok', `Vidicon ${health.version} · up ${formatUptime(health.uptimeSeconds)}`);
      this.#notice.hidden = true;
      this.#sensors = sensors;
      this.#render();
      await Promise.all([this.#view?.refresh(), this.#io.refresh()]);
    } catch {
      this.#io.drop();
      this.#showHealth('down', 'Not reachable');
      setText(
        this.#notice,
        'The service cannot be reached. Trying again every two seconds. Is the device on, and on this network?',
      );
      this.#notice.hidden = false;
    }
  }

  #showHealth(health: 'ok' | 'down', text: string): void {
    byId('health').dataset['health'] = health;
    setText(byId('health-text'), text);
  }

  #render(): void {
    const sensors = this.#sensors;
    if (sensors === undefined) return;
    const [mxid, name] = location.hash.replace(/^#\/?/, '').split('/').map(decode);
    const chosen = sensors.find((sensor) => sensor.mxid === mxid && sensor.name === name);
    if (chosen !== undefined) {
      this.#show(`sensor ${JSON.stringify(chosen)}`, () => new SensorView(chosen));
    } else if (mxid) {
      this.#show(`missing ${mxid}`, () => missingCamera(mxid));
    } else if (sensors.length === 0) {
      this.#show('empty', noCameras);
    } else {
      this.#show('grid', () => new SensorGrid());
      if (this.#view instanceof SensorGrid) this.#view.show(sensors);
    }
    this.#io.show(!mxid);
    document.title = chosen === undefined ? 'Vidicon' : `${chosen.title} · Vidicon`;
  }

  #show(key: string, make: () => View): void {
    if (key === this.#viewKey) return;
    this.#view?.dispose();
    this.#viewKey = key;
    this.#view = make();
    this.#place.append(this.#view.element);
  }
}

function noCameras(): View {
  return message(
    'No camera yet',
    element('a', { class: 'button', href: '/docs' }, 'Documentation'),
    'Plug a USB camera into this device: it appears here within seconds.',
    'A network camera is added with its address, and a simulated one is switched on, in the configuration file.',
  );
}

function missingCamera(mxid: string): View {
  return message(
    'This camera is not there',
    element('a', { class: 'button', href: '#/' }, 'All cameras'),
    `No camera ${mxid} with this sensor is connected now. The picture returns as soon as it is plugged in again.`,
  );
}

function message(title: string, link: Node, ...lines: readonly string[]): View {
  const body = element(
    'section',
    { class: 'empty' },
    element('h1', {}, title),
    ...lines.map((line) => element('p', {}, line)),
    element('p', {}, link),
  );
  return { element: body, refresh: () => Promise.resolve(), dispose: () => body.remove() };
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

new Console().start();
