import { copyable } from './copyable.ts';
import { element } from './element.ts';
import { LivePicture } from './live-picture.ts';
import { fetchHasModel, type Sensor, streamPath } from './service-api.ts';

/** One sensor at full width, with what a developer needs to use it elsewhere. */
export class SensorView {
  readonly element: HTMLElement;
  readonly #sensor: Sensor;
  readonly #picture: LivePicture;
  /** Only for sensors with a model. */
  readonly #detections = element('button', { type: 'button', hidden: true }, 'Detections');

  constructor(sensor: Sensor) {
    this.#sensor = sensor;
    this.#picture = new LivePicture(sensor);
    const { player, badge, figures } = this.#picture;
    this.element = element(
      'section',
      { class: 'view', 'aria-label': `${sensor.title}, ${sensor.name}` },
      element(
        'div',
        { class: 'heading' },
        element('a', { href: '#/', class: 'back' }, '‹ All cameras'),
        element('h1', {}, sensor.title),
        element(
          'p',
          {},
          [sensor.name, sensor.mxid, sensor.cameraName, sensor.path].filter(Boolean).join(' · '),
        ),
      ),
      element(
        'div',
        { class: 'card' },
        element('div', { class: 'picture' }, player, badge),
        this.#tools(sensor),
      ),
      element('div', { class: 'card' }, figures.element),
      addresses(sensor),
    );
    this.#picture.start();
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#picture.refresh(), this.#refreshModel()]);
  }

  dispose(): void {
    this.#picture.stop();
    this.element.remove();
  }

  async #refreshModel(): Promise<void> {
    try {
      const hasModel = await fetchHasModel(this.#sensor);
      this.#detections.hidden = !hasModel;
      if (!hasModel) this.#showDetections(false);
    } catch {
      // The page tells when the service is away; what the switch says stays as it is.
    }
  }

  #showDetections(isOn: boolean): void {
    this.#picture.player.detections = isOn;
    this.#detections.setAttribute('aria-pressed', String(isOn));
  }

  #tools(sensor: Sensor): HTMLElement {
    const { player } = this.#picture;
    const fullScreen = element('button', { type: 'button' }, 'Full screen');
    fullScreen.addEventListener('click', () => {
      // Safari on iPhones lets only the video itself fill the screen.
      const video = player.videoElement as HTMLVideoElement & { webkitEnterFullscreen?: () => void };
      if (player.requestFullscreen) player.requestFullscreen().catch(() => undefined);
      else video.webkitEnterFullscreen?.();
    });
    const overlay = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Figures');
    overlay.addEventListener('click', () => {
      player.overlay = !player.overlay;
      overlay.setAttribute('aria-pressed', String(player.overlay));
    });
    this.#showDetections(false);
    this.#detections.addEventListener('click', () => this.#showDetections(!player.detections));
    const still = element(
      'a',
      {
        class: 'button',
        href: `${streamPath(sensor)}/still?format=jpeg`,
        download: `${sensor.mxid}-${sensor.name}.jpg`,
      },
      'Download still',
    );
    return element('div', { class: 'tools' }, fullScreen, overlay, this.#detections, still);
  }
}

function addresses(sensor: Sensor): HTMLElement {
  const { origin } = location;
  const path = `${origin}${streamPath(sensor)}`;
  const socket = `${path.replace(/^http/, 'ws')}/video`;
  const still = `${path}/still?format=jpeg`;
  return element(
    'div',
    { class: 'card addresses' },
    element('h2', {}, 'Use this camera'),
    copyable('Video (WebSocket, fMP4)', socket),
    copyable('Video (MJPEG)', `${path}/mjpeg`),
    copyable('Still image', still),
    copyable(
      'In a web page',
      `<script src="${origin}/player/vidicon-player.js"></script>\n<vidicon-player src="${socket}"></vidicon-player>`,
    ),
    copyable(
      'In JavaScript',
      `const socket = new WebSocket('${socket}');\nsocket.binaryType = 'arraybuffer';\nsocket.onmessage = ({ data }) => {\n  // first an fMP4 init segment, then one fragment per picture\n};`,
    ),
    copyable('On the command line', `curl -o still.jpg '${still}'`),
  );
}
