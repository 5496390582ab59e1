import type { PlayerState, PlayerStats } from '../player/player-stats.ts';
import type { VidiconPlayerElement } from '../player/vidicon-player.ts';
import { element, setText } from './element.ts';
import { Figures, formatBitrate } from './figures.ts';
import { fetchFigures, type Sensor, streamPath } from './service-api.ts';

/** What a state is called on the page, and the colour it has. */
const BADGES: Readonly<Record<PlayerState, readonly [text: string, tone: 'good' | 'busy' | 'bad' | 'off']>> =
  {
    idle: ['Idle', 'off'],
    connecting: ['Connecting', 'busy'],
    buffering: ['Starting', 'busy'],
    playing: ['Live', 'good'],
    stalled: ['Stalled', 'bad'],
    reconnecting: ['Reconnecting', 'busy'],
    blocked: ['Click to play', 'off'],
    paused: ['Paused', 'off'],
    suspended: ['Suspended', 'off'],
    error: ['Error', 'bad'],
  };

/** A sensor's player with its badge and figures. Streams only between `start` and `stop`. */
export class LivePicture {
  readonly sensor: Sensor;
  readonly player: VidiconPlayerElement;
  readonly badge = element('span', { class: 'badge', role: 'status' });
  readonly figures = new Figures(['Resolution', 'Rate', 'Bitrate', 'Latency', 'Readers']);

  constructor(sensor: Sensor) {
    this.sensor = sensor;
    // vidicon-player.js has defined it: its script comes first.
    this.player = document.createElement('vidicon-player') as VidiconPlayerElement;
    this.player.addEventListener('statechange', () => this.#showState());
    this.player.addEventListener('stats', () => this.#showStats(this.player.stats));
    this.#showState();
  }

  start(): void {
    const src = `${streamPath(this.sensor)}/video`;
    if (this.player.src !== src) this.player.src = src;
  }

  stop(): void {
    this.player.removeAttribute('src');
    this.figures.clear();
  }

  /** Asks the service for what only it knows. */
  async refresh(): Promise<void> {
    if (this.player.src === '') return;
    try {
      const { readers, problem } = await fetchFigures(this.sensor);
      this.figures.set('Readers', String(readers.length));
      this.badge.title = problem === undefined ? '' : `${problem.code}: ${problem.message}`;
    } catch {
      this.figures.set('Readers', undefined); // the page tells when the service is away
    }
  }

  #showState(): void {
    const [text, tone] = BADGES[this.player.state];
    setText(this.badge, text);
    this.badge.dataset['tone'] = tone;
  }

  #showStats(stats: PlayerStats | undefined): void {
    const isPlaying = stats?.state === 'playing';
    const { format } = stats ?? {};
    this.figures.set('Resolution', format && `${format.width}×${format.height}`);
    this.figures.set('Rate', isPlaying ? `${stats.frameRate.toFixed(0)} fps` : undefined);
    this.figures.set('Bitrate', isPlaying ? formatBitrate(stats.bitrateKbps) : undefined);
    const latencyMs = isPlaying ? stats.latencyMs : undefined;
    this.figures.set('Latency', latencyMs === undefined ? undefined : `${latencyMs.toFixed(0)} ms`);
  }
}
