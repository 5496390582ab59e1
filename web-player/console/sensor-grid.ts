import { element, setText } from './element.ts';
import { LivePicture } from './live-picture.ts';
import type { Sensor } from './service-api.ts';

/** Address of a sensor's own view. */
export function sensorHash({ mxid, name }: Sensor): string {
  return `#/${encodeURIComponent(mxid)}/${encodeURIComponent(name)}`;
}

interface Tile {
  readonly picture: LivePicture;
  readonly element: HTMLElement;
  readonly key: string;
}

/** All sensors as tiles. Only tiles that are in sight receive video. */
export class SensorGrid {
  readonly element = element('section', { class: 'grid', 'aria-label': 'Cameras' });
  readonly #observer: IntersectionObserver;
  #tiles: readonly Tile[] = [];

  constructor() {
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const picture = this.#tiles.find((tile) => tile.element === target)?.picture;
          if (isIntersecting) picture?.start();
          else picture?.stop();
        }
      },
      { rootMargin: '100px' },
    );
  }

  /** Shows these sensors; tiles of sensors that stay are left as they are. */
  show(sensors: readonly Sensor[]): void {
    const tiles = sensors.map((sensor) => {
      const key = JSON.stringify(sensor);
      return this.#tiles.find((tile) => tile.key === key) ?? makeTile(sensor, key);
    });
    for (const old of this.#tiles.filter((tile) => !tiles.includes(tile))) this.#remove(old);
    const isNew = (tile: Tile): boolean => !this.#tiles.includes(tile);
    const added = tiles.filter(isNew);
    this.#tiles = tiles;
    for (const [index, tile] of tiles.entries()) {
      const present = this.element.children[index];
      // Moving an element that stays would restart its player.
      if (present !== tile.element) this.element.insertBefore(tile.element, present ?? null);
    }
    for (const tile of added) this.#observer.observe(tile.element);
  }

  refresh(): Promise<unknown> {
    return Promise.all(this.#tiles.map(({ picture }) => picture.refresh()));
  }

  dispose(): void {
    for (const tile of this.#tiles) this.#remove(tile);
    this.#tiles = [];
    this.#observer.disconnect();
    this.element.remove();
  }

  #remove(tile: Tile): void {
    this.#observer.unobserve(tile.element);
    tile.picture.stop();
    tile.element.remove();
  }
}

function makeTile(sensor: Sensor, key: string): Tile {
  const picture = new LivePicture(sensor);
  const link = element('a', { href: sensorHash(sensor), class: 'stretched' });
  setText(link, sensor.title);
  const subtitle = `${sensor.name} · ${sensor.mxid}`;
  const tile = element(
    'article',
    { class: 'card tile' },
    element('div', { class: 'picture' }, picture.player, picture.badge),
    element('div', { class: 'caption' }, element('h2', {}, link), element('p', {}, subtitle)),
    picture.figures.element,
  );
  return { picture, element: tile, key };
}
