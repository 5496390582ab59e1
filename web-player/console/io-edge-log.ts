/** Most edges that are kept and shown. */
export const EDGE_ROWS = 200;

/** One edge of a digital input. */
export interface EdgeRow {
  readonly key: string;
  readonly edge: 'rising' | 'falling';
  /** Unix time in microseconds. */
  readonly wallUs: number;
  readonly counter?: number;
  /** Edges of this input that the kernel lost before this one. */
  readonly lost: number;
  /** Events of any circuit that this page lost before this one. */
  readonly missed: number;
}

/** The newest edges, of all circuits and of each. */
export class EdgeLog {
  readonly #all: EdgeRow[] = [];
  readonly #byKey = new Map<string, EdgeRow[]>();
  readonly #totals = new Map<string, number>();
  #total = 0;

  add(row: EdgeRow): void {
    const own = this.#byKey.get(row.key) ?? [];
    this.#byKey.set(row.key, own);
    for (const rows of [this.#all, own]) {
      rows.push(row);
      if (rows.length > EDGE_ROWS) rows.shift();
    }
    this.#total += 1;
    this.#totals.set(row.key, this.total(row.key) + 1);
  }

  /** How many edges were added, kept or not. @param key of one circuit; absent: of all. */
  total(key?: string): number {
    return key === undefined ? this.#total : (this.#totals.get(key) ?? 0);
  }

  /** The newest kept rows, oldest first. @param key of one circuit; absent: of all. */
  newest(count: number, key?: string): readonly EdgeRow[] {
    const rows = key === undefined ? this.#all : (this.#byKey.get(key) ?? []);
    return rows.slice(Math.max(0, rows.length - count));
  }
}
