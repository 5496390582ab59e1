import { readFileSync } from 'node:fs';

/** The service's version, from package.json, which lies beside `src` and beside `dist`. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string; // npm refuses packages without one
  };
  return version;
}
