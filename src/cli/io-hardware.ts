import { discoverers, ROOTS } from '../composition/circuits.ts';
import type { FoundHardware } from '../hardware/io/discovery.ts';

/** The I/O hardware of this machine; nothing of it is driven or claimed. */
export async function findIoHardware(): Promise<readonly FoundHardware[]> {
  const found = await Promise.all((await discoverers()).map((discover) => discover(ROOTS)));
  return found.flat();
}

/** The hardware as indented text. */
export function describeIoHardware(found: readonly FoundHardware[]): string {
  if (found.length === 0) return 'No I/O hardware.';
  return found
    .map(({ title, details }) => [title, ...details.map((detail) => `  ${detail}`)].join('\n'))
    .join('\n\n');
}

/** The section `io` of a configuration that uses all of it, as YAML. */
export async function suggestedConfiguration(found: readonly FoundHardware[]): Promise<string> {
  const { stringify } = await import('yaml');
  const drivers: Record<string, unknown> = {};
  const circuits: Record<string, unknown> = {};
  for (const { suggestion } of found) {
    if (suggestion === undefined) continue;
    drivers[freeName(suggestion.name, drivers, ' ')] = withFreeNames(suggestion.config, circuits);
  }
  if (Object.keys(drivers).length === 0) return '# No I/O hardware was found that could be configured.\n';
  const head =
    '# A suggestion: keep what you use, name it as you like, and turn inputs into outputs where you need them.\n';
  return head + stringify({ io: { drivers } });
}

/** Two drivers may have circuits of one name, which the service refuses. @param taken `type/name`; grows. */
function withFreeNames(config: Readonly<Record<string, unknown>>, taken: Record<string, unknown>): object {
  const sections = Object.entries(config).map(([type, section]) => {
    if (typeof section !== 'object' || section === null) return [type, section] as const;
    const circuits = Object.entries(section).map(([circuit, place]: [string, unknown]) => {
      const key = freeName(`${type}/${circuit}`, taken, '_');
      taken[key] = place;
      return [key.slice(type.length + 1), place] as const;
    });
    return [type, Object.fromEntries(circuits)] as const;
  });
  return Object.fromEntries(sections);
}

function freeName(wanted: string, taken: object, separator: string): string {
  let name = wanted;
  for (let count = 2; Object.hasOwn(taken, name); count += 1) name = `${wanted}${separator}${count}`;
  return name;
}
