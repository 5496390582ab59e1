import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from './schema.ts';

/** Where the service keeps what it remembers, see `state.folder`. */
export function statePath(config: Config, env: Readonly<Record<string, string | undefined>>): string {
  const { folder } = config.state;
  if (folder !== '') return folder;
  // systemd lists several folders with colons; the service asks for one.
  const given = env['STATE_DIRECTORY']?.split(':')[0];
  if (given !== undefined && given !== '') return given;
  const base = env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(base, 'vidicon');
}
