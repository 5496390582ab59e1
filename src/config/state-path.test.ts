import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { loadConfig } from './load.ts';
import { statePath } from './state-path.ts';

test.each([
  ['the configured folder', '/srv/state', { STATE_DIRECTORY: '/var/lib/vidicon' }, '/srv/state'],
  ["systemd's folder", '', { STATE_DIRECTORY: '/var/lib/vidicon:/other' }, '/var/lib/vidicon'],
  ["the user's folder for state", '', { XDG_STATE_HOME: '/x' }, '/x/vidicon'],
  ["the usual place of the user's state", '', { STATE_DIRECTORY: '' }, `${homedir()}/.local/state/vidicon`],
])('what is remembered lies in %s', async (_what, folder, env, path) => {
  const { config } = await loadConfig({ env: {} });
  expect(statePath({ ...config, state: { folder } }, env)).toBe(path);
});
