import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/service.ts';
import { isInLab, useLab } from './support/lab.ts';
import { powerLossConfig, remembered } from './support/power-loss.ts';
import { mountStateDisk } from './support/state-disk.ts';

/** What a service had acknowledged before this lab lost its power: written by lab/power-loss.ts, line by line. */
const RECORD = process.env['VIDICON_POWER_LOSS'];

describe.skipIf(!isInLab || RECORD === undefined)('after a power loss', () => {
  const lab = useLab(() => powerLossConfig(`${mountStateDisk()}/state`));

  test('what the service had acknowledged is there, and outputs are at their safe values', async () => {
    const acknowledged = new Map<string, number>();
    for (const line of readFileSync(RECORD ?? '', 'utf8')
      .trim()
      .split('\n')) {
      const [name = '', times] = line.split(' ');
      acknowledged.set(name, Number(times));
    }
    lab.note(`acknowledged: ${JSON.stringify([...acknowledged])}`);
    const service = await lab.service();
    for (const { name, path, values } of await remembered(service)) {
      const times = acknowledged.get(name) ?? 0;
      expect(times, `${name} before the power was lost`).toBeGreaterThanOrEqual(4);
      // One more was under way: it may be there, and need not.
      const either = [times, times + 1].map((n) => expect.objectContaining(values(n)));
      expect(either, name).toContainEqual(await service.json(path));
    }
    const relay = await eventually(
      () => service.json<{ health: string }>('/controller/do/relay'),
      ({ health }) => health === 'ok',
      'do/relay being ok',
    );
    expect(relay).toMatchObject({ value: 0, cause: 'safe' });
  });
});
