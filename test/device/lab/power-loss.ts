import { writeFileSync, writeSync } from 'node:fs';
import { Service } from '../../support/service.ts';
import { powerLossConfig, type Remembered, remembered } from '../support/power-loss.ts';
import { mountStateDisk } from '../support/state-disk.ts';

// Runs in the lab: has the service remember one thing after the other, several at a time, and cuts the power in the
// middle of it. Prints what the service has acknowledged, as it does: `di/door 7` for the seventh value of it.

/** The power is lost once each has been set this often. */
const TIMES = 4;

const service = await Service.start({ config: powerLossConfig(`${mountStateDisk()}/state`) });
const settings = await remembered(service);
const acknowledged = new Map(settings.map(({ name }) => [name, 0]));

async function keepSetting({ name, path, request }: Remembered): Promise<never> {
  for (let n = 1; ; n += 1) {
    await service.json(path, request(n));
    writeSync(1, `${name} ${n}\n`);
    acknowledged.set(name, n);
    if ([...acknowledged.values()].every((times) => times >= TIMES))
      writeFileSync('/proc/sysrq-trigger', 'b');
  }
}

await Promise.all(settings.map(keepSetting));
