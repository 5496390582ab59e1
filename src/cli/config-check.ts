import { DEFAULT_CONFIG_FILE, loadConfig } from '../config/index.ts';

/**
 * `vidicon config check [FILE]`: reads a configuration file as `serve` would, without the environment.
 * @throws AppError CONFIG_*
 */
export async function configCheck(named: string | undefined): Promise<void> {
  const { file } = await loadConfig({ file: named, env: {} });
  const result =
    file === undefined ? `There is no ${DEFAULT_CONFIG_FILE}; the defaults are used.` : `${file} is valid.`;
  process.stdout.write(`${result}\n`);
}
