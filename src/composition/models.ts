import { join } from 'node:path';
import { type Config, statePath } from '../config/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { StateFolder } from '../core/state-folder.ts';
import { Deployments, EngineThreads, ModelStore } from '../inference/index.ts';

/**
 * The models that clients have deployed. None is loaded before somebody reads its results, so that one which does not
 * load keeps nothing from starting. The deployments are the caller's to dispose.
 * @throws AppError STATE_UNREADABLE
 */
export async function openModels(
  config: Config,
  { log, state }: { readonly log: Log; readonly state: StateFolder },
): Promise<{ readonly deployments: Deployments; readonly models: ModelStore }> {
  const { maxModelBytes: maxBytes } = config.inference;
  const models = await ModelStore.open(join(statePath(config, process.env), 'models'), {
    state,
    maxBytes,
    log,
  });
  const { maxReaders } = config.streams;
  const deployments = new Deployments({
    store: models,
    openEngine: new EngineThreads(systemClock).open,
    maxReaders,
    clock: systemClock,
    log,
    random: Math.random,
  });
  return { deployments, models };
}
