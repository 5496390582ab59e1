import type { CircuitKey } from '../circuit.ts';

/** An output as its interlock groups see it. */
export interface InterlockedOutput {
  readonly key: CircuitKey;
  /** Its hardware may be on now: is on, is being switched on, or has not been seen off. */
  readonly mayBeOn: boolean;
  /** Writes what it has waited with. */
  flush(): void;
}

/** Groups of outputs of which at most one may be on. */
export class InterlockGroups<Output extends InterlockedOutput> {
  readonly #groups: readonly { readonly name: string; readonly keys: readonly string[] }[];
  readonly #find: (key: string) => Output | undefined;

  constructor(
    groups: Readonly<Record<string, readonly string[]>>,
    find: (key: string) => Output | undefined,
  ) {
    this.#groups = Object.entries(groups).map(([name, keys]) => ({ name, keys }));
    this.#find = find;
  }

  /** Names of the groups an output belongs to. */
  of(key: CircuitKey): readonly string[] {
    return this.#groups.filter(({ keys }) => keys.includes(key)).map(({ name }) => name);
  }

  /** Every other output of an output's groups. */
  peers(key: CircuitKey): readonly { readonly output: Output; readonly group: string }[] {
    return this.#groups
      .filter(({ keys }) => keys.includes(key))
      .flatMap(({ name, keys }) =>
        keys
          .filter((peer) => peer !== key)
          .flatMap((peer) => {
            const output = this.#find(peer);
            return output === undefined ? [] : [{ output, group: name }];
          }),
      );
  }
}
