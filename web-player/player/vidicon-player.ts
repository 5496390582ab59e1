import { DetectionsLayer } from './detections-layer.ts';
import type { DetectionsMessage } from './detections-message.ts';
import { overlayLines } from './overlay.ts';
import { Player } from './player.ts';
import type { PlayerState, PlayerStats, VideoFormat } from './player-stats.ts';
import { detectionsUrl, streamUrl } from './stream-url.ts';

/** A page hidden for so long stops receiving. */
const HIDDEN_MS = 5_000;

const STYLE = `
:host { display: block; position: relative; background: #000; overflow: hidden; aspect-ratio: 16 / 9; }
:host([hidden]), video { display: block; width: 100%; height: 100%; object-fit: contain; }
[part='detections'] { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
[part='overlay'], [part='message'] {
  position: absolute; left: 8px; padding: 6px 9px; border-radius: 6px; background: rgb(0 0 0 / 62%); color: #fff;
  font: 12px/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; white-space: pre-line; pointer-events: none;
}
[part='overlay'] { top: 8px; }
[part='message'] { bottom: 8px; max-width: calc(100% - 34px); box-sizing: border-box; overflow-wrap: anywhere; }
[part='play-button'] {
  position: absolute; inset: 0; margin: auto; width: 72px; height: 72px; border: 0; border-radius: 50%;
  background: rgb(0 0 0 / 62%); color: #fff; cursor: pointer;
}
[part='play-button']:focus-visible { outline: 3px solid #fff; outline-offset: 2px; }`;

const TEMPLATE = `
<video part="video" muted playsinline disablepictureinpicture></video>
<canvas part="detections" aria-hidden="true"></canvas>
<div part="overlay" hidden></div>
<div part="message" role="status" hidden></div>
<button part="play-button" type="button" aria-label="Play" hidden>
  <svg viewBox="0 0 24 24" width="32" height="32" fill="currentColor" aria-hidden="true"><path d="M8 5v14l11-7z"/></svg>
</button>`;

const BUTTON_STATES: readonly PlayerState[] = ['blocked', 'paused'];
const MESSAGE_STATES: readonly PlayerState[] = ['stalled', 'reconnecting', 'error'];
/** States in which there is a video connection, so that a model may be asked to run. */
const RECEIVING_STATES: readonly PlayerState[] = ['buffering', 'playing', 'stalled'];

/** Detail of the element's events, by event name. */
export interface VidiconPlayerEvents {
  readonly statechange: { readonly state: PlayerState; readonly reason: string };
  readonly formatchange: VideoFormat;
  readonly stats: PlayerStats;
  readonly error: { readonly message: string };
  readonly 'vidicon-detections': DetectionsMessage;
}

/** `<vidicon-player src="…" overlay>`: see web-player/README.md. */
export class VidiconPlayerElement extends HTMLElement {
  static readonly observedAttributes = ['src', 'overlay', 'detections'];

  readonly #video: HTMLVideoElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #overlay: HTMLElement;
  readonly #message: HTMLElement;
  readonly #playButton: HTMLElement;
  #player: Player | undefined;
  #layer: DetectionsLayer | undefined;
  #stats: PlayerStats | undefined;
  #state: PlayerState = 'idle';
  #isPaused = false;
  #hiddenTimer: number | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = TEMPLATE;
    // A style element would need the embedding page's policy (CSP style-src) to allow inline styles.
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    root.adoptedStyleSheets = [style];
    const part = (name: string): HTMLElement => {
      const element = root.querySelector<HTMLElement>(`[part='${name}']`);
      if (element === null) throw new Error(`the template has no part ${name}`);
      return element;
    };
    this.#video = part('video') as HTMLVideoElement; // the template's
    this.#canvas = part('detections') as HTMLCanvasElement; // the template's
    this.#overlay = part('overlay');
    this.#message = part('message');
    this.#playButton = part('play-button');
    // The attribute alone does not mute an element whose markup was set by script.
    this.#video.muted = true;
    this.#playButton.addEventListener('click', () => this.play());
  }

  /** Address of the stream's video: ws, wss, http, https, or relative to the page. */
  get src(): string {
    return this.getAttribute('src') ?? '';
  }

  set src(value: string) {
    this.setAttribute('src', value);
  }

  /** Whether figures are shown over the picture. */
  get overlay(): boolean {
    return this.hasAttribute('overlay');
  }

  set overlay(value: boolean) {
    this.toggleAttribute('overlay', value);
  }

  /** Whether the results of the sensor's model are drawn on the pictures they belong to. */
  get detections(): boolean {
    return this.hasAttribute('detections');
  }

  set detections(value: boolean) {
    this.toggleAttribute('detections', value);
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** Figures of the last second; undefined in the first. */
  get stats(): PlayerStats | undefined {
    return this.#stats;
  }

  get format(): VideoFormat | undefined {
    return this.#player?.format;
  }

  /** Capture to display of the picture on the screen, in milliseconds. */
  get latencyMs(): number | undefined {
    return this.#player?.latencyMs;
  }

  /** Unix time in milliseconds, on the service's clock, when the picture on the screen was taken. */
  get capturedAt(): number | undefined {
    return this.#player?.capturedWallMs;
  }

  /** The inner element, for drawing its picture. Its source belongs to the player. */
  get videoElement(): HTMLVideoElement {
    return this.#video;
  }

  /** Plays, after `pause()` or when the browser wanted a gesture. Call it in the gesture's handler then. */
  play(): void {
    this.#isPaused = false;
    // Within the gesture: the stream's first picture comes too late for it. What it answers is asked again then.
    this.#video.play().catch(() => undefined);
    this.#player?.start();
  }

  /** Disconnects and keeps the last picture. */
  pause(): void {
    this.#isPaused = true;
    this.#player?.stop('paused');
  }

  connectedCallback(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#open();
    this.#onVisibility();
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearTimeout(this.#hiddenTimer);
    this.#close();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === 'overlay') this.#overlay.hidden = after === null;
    else if (name === 'detections') this.#followDetections();
    else if (this.isConnected && before !== after) this.#open();
  }

  #open(): void {
    this.#close();
    if (this.src === '') return;
    const url = streamUrl(this.src, document.baseURI);
    if (url === undefined) {
      this.#showState('error', `not the address of a stream: ${this.src}`);
      this.#emit('error', { message: `not the address of a stream: ${this.src}` });
      return;
    }
    this.#player = new Player(url, this.#video, {
      onState: (state, reason) => this.#showState(state, reason),
      onFormat: (format) => this.#emit('formatchange', format),
      onPicture: (picture) => this.#layer?.show(picture),
      onStats: (stats) => this.#showStats(stats),
      onError: (message) => this.#emit('error', { message }),
    });
    if (this.#isPaused) this.#player.stop('paused');
    else this.#player.start();
  }

  #close(): void {
    if (this.#player === undefined) return;
    this.#player.dispose();
    this.#player = undefined;
    this.#stats = undefined;
    this.#showState('idle', '');
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => {
        if (!this.#isPaused) this.#player?.stop('suspended');
      }, HIDDEN_MS);
    } else if (this.state === 'suspended') {
      this.#player?.start();
    }
  };

  /** Detections live as long as there is a player and somebody wants them; a model runs only while video comes. */
  #followDetections(): void {
    const url = this.#player && this.detections ? detectionsUrl(this.#player.url) : undefined;
    if (url === undefined) {
      this.#layer?.dispose();
      this.#layer = undefined;
      return;
    }
    this.#layer ??= new DetectionsLayer(url, this.#video, this.#canvas, (message) =>
      this.#emit('vidicon-detections', message),
    );
    this.#layer.isReceiving = RECEIVING_STATES.includes(this.#state);
  }

  #showStats(stats: PlayerStats): void {
    const layer = this.#layer;
    this.#stats = layer === undefined ? stats : { ...stats, detections: layer.take() };
    if (this.overlay) this.#overlay.textContent = overlayLines(this.#stats).join('\n');
    this.#emit('stats', this.#stats);
  }

  #showState(state: PlayerState, reason: string): void {
    this.#state = state;
    this.#followDetections();
    this.#playButton.hidden = !BUTTON_STATES.includes(state);
    this.#message.hidden = !MESSAGE_STATES.includes(state);
    this.#message.textContent = reason === '' ? state : `${state}: ${reason}`;
    this.#emit('statechange', { state, reason });
  }

  #emit<Name extends keyof VidiconPlayerEvents>(name: Name, detail: VidiconPlayerEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

if (!customElements.get('vidicon-player')) customElements.define('vidicon-player', VidiconPlayerElement);
