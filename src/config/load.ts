import { closeSync, openSync, readSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { check, type Problem } from './check.ts';
import { configInvalid, configTooLarge, configUnreadable } from './errors.ts';
import type { ConfigFile } from './file.ts';
import { type Config, ConfigSchema } from './schema.ts';

/** Where the configuration is looked for when nobody names a file. */
export const DEFAULT_CONFIG_FILE = '/etc/vidicon/config.yaml';

const MAX_FILE_BYTES = 262_144;

/** Values from the command line; they come before the environment, which comes before the file. */
export interface ConfigFlags {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly logLevel?: string | undefined;
}

export interface LoadOptions {
  /** A file that must exist. Without it the default file is read if there is one. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags?: ConfigFlags;
}

/** A value from outside the file, and what to call it in a message. */
interface Override {
  readonly section: 'server' | 'io';
  readonly key: string;
  readonly name: string;
  readonly value: unknown;
}

/** A number where the text is one; other text stays, and the check names it. */
const numeric = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);
const commaList = (text: string): unknown =>
  text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));

/** Later ones win. An empty environment variable counts as absent. */
function overrides({ env: own, flags = {} }: LoadOptions): Override[] {
  const env = { ...own, ...environmentFile(own) };
  const all: {
    section?: Override['section'];
    key: string;
    name: string;
    text: string | undefined;
    read?: (text: string) => unknown;
  }[] = [
    { key: 'host', name: 'environment HOST', text: env['HOST'] || undefined },
    { key: 'port', name: 'environment PORT', text: env['PORT'] || undefined, read: numeric },
    {
      key: 'corsOrigins',
      name: 'environment CORS_ORIGINS',
      text: env['CORS_ORIGINS'] || undefined,
      read: commaList,
    },
    {
      section: 'io',
      key: 'controllerConfig',
      name: 'environment CONTROLLER_CONFIG',
      text: env['CONTROLLER_CONFIG'] || undefined,
    },
    { key: 'host', name: '--host', text: flags.host },
    { key: 'port', name: '--port', text: flags.port, read: numeric },
    { key: 'logLevel', name: '--log-level', text: flags.logLevel },
  ];
  return all.flatMap(({ section = 'server', key, name, text, read = (same) => same }) =>
    text === undefined ? [] : [{ section, key, name, value: read(text) }],
  );
}

/** What the dotenv file that ROBOPIPE_API_ENV names says, which comes before the environment itself. */
function environmentFile(env: LoadOptions['env']): LoadOptions['env'] {
  const path = env['ROBOPIPE_API_ENV'] || undefined;
  if (path === undefined) return {};
  try {
    return parseEnv(readText(path));
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? configUnreadable(path, error) : error;
  }
}

/** A file's text, whatever kind of file it is, without reading more than a configuration may have. */
function readText(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
    let size = 0;
    for (let count = -1; count !== 0; size += count)
      count = readSync(fd, bytes, size, bytes.length - size, null);
    if (size > MAX_FILE_BYTES) throw configTooLarge(path, MAX_FILE_BYTES);
    return bytes.toString('utf8', 0, size);
  } finally {
    closeSync(fd);
  }
}

/** @returns undefined when nobody named a file and the default one is not there. */
async function readConfigFile(named: string | undefined): Promise<ConfigFile | undefined> {
  const path = named ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    if (named === undefined && isAbsent(error)) return undefined;
    throw error instanceof Error && 'syscall' in error ? configUnreadable(path, error) : error;
  }
  // The YAML parser takes 30 ms to load, and many appliances have no file.
  const { parseConfig } = await import('./file.ts');
  return parseConfig(text, path);
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** A configuration and the file it came from, if any. */
export interface LoadedConfig {
  readonly config: Config;
  readonly file: string | undefined;
}

/**
 * Reads the configuration: defaults, then the file, then the environment, then the file that ROBOPIPE_API_ENV names,
 * then the command line.
 * @throws AppError CONFIG_UNREADABLE, CONFIG_TOO_LARGE, CONFIG_SYNTAX, CONFIG_INVALID; one line per problem.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const file = await readConfigFile(options.file);
  const outside = overrides(options);
  const { value, problems } = check(ConfigSchema, overlay(file?.content ?? {}, outside));
  if (problems.length > 0) throw configInvalid(problems.map((problem) => line(problem, file, outside)));
  // check() found no problem, so the value has the schema's type
  return { config: value as Config, file: file && (options.file ?? DEFAULT_CONFIG_FILE) };
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The file's content with the other values laid over its sections. */
function overlay(content: unknown, outside: readonly Override[]): unknown {
  if (!isMapping(content)) return content;
  let whole = content;
  for (const { section, key, value } of outside) {
    const present = whole[section] ?? {};
    if (isMapping(present)) whole = { ...whole, [section]: { ...present, [key]: value } };
  }
  return whole;
}

function line(
  { path, isKey, message }: Problem,
  file: ConfigFile | undefined,
  outside: readonly Override[],
): string {
  const [section, key] = path;
  const origin = isKey ? undefined : outside.findLast((each) => each.section === section && each.key === key);
  const where = origin?.name ?? file?.where(path) ?? 'configuration';
  return `${where}: ${path.length === 0 ? 'the file' : path.join('.')}: ${message}`;
}
