import type { Config } from '../config/index.ts';
import { type ConfigFlags, loadConfig } from '../config/index.ts';
import { exitNow } from '../core/libc.ts';
import { createService, type Service } from '../service.ts';
import { cannotListen, portBusy } from './errors.ts';
import { createLog } from './log.ts';
import { portOwner } from './port-owner.ts';

export interface ServeOptions extends ConfigFlags {
  readonly config?: string;
}

/** How long everything may take to end, in milliseconds; a supervisor's patience is longer. */
const STOP_DEADLINE_MS = 1900;

/**
 * Runs the service until SIGTERM or SIGINT. A second signal ends the process at once.
 * @throws AppError when the service cannot start: CONFIG_*, FFMPEG_*, SERVER_PORT_BUSY, SERVER_CANNOT_LISTEN.
 */
export async function serve({ config: file, ...flags }: ServeOptions, version: string): Promise<void> {
  // Whoever read the log may go before the service does; that is no reason to end.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  const stopping = stopRequest();
  const { config, file: source } = await loadConfig({ file, env: process.env, flags });
  const log = createLog(config.server.logLevel, process.stdout);
  log.info(
    `vidicon ${version}, ${source === undefined ? 'default configuration' : `configuration from ${source}`}`,
  );
  const service = await createService(config, log, version);
  try {
    const isStopping = (await Promise.race([stopping, undefined])) !== undefined;
    if (!isStopping) await listen(service, config);
    const reason = await stopping;
    if (reason instanceof Error) {
      log.error({ err: reason }, 'a failure nobody expected');
      process.exitCode = 1;
    } else log.info(`stopping on ${reason}`);
  } finally {
    const deadline = setTimeout(() => {
      log.error(`not everything ended within ${STOP_DEADLINE_MS} ms`);
      exitNow(1);
    }, STOP_DEADLINE_MS);
    // Until then it keeps the process alive: the service's own timers do not, and Node would end in the middle.
    try {
      await service[Symbol.asyncDispose]();
    } finally {
      deadline.unref();
    }
  }
  log.info('stopped');
}

/** Resolves with the first reason to stop: a signal, or an error that nobody caught. */
function stopRequest(): Promise<NodeJS.Signals | Error> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (reason: NodeJS.Signals | Error): void => {
      if (isStopping) exitNow(1);
      isStopping = true;
      resolve(reason);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('uncaughtException', stop); // rejections that nobody handles, too
  });
}

async function listen(service: Service, { server: { host, port } }: Config): Promise<void> {
  try {
    await service.listen();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'EADDRINUSE') throw portBusy(host, port, portOwner(port));
    throw cannotListen(host, port, error);
  }
}
