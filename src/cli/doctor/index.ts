import { type Config, DEFAULT_CONFIG_FILE, loadConfig } from '../../config/index.ts';
import { AppError } from '../../core/app-error.ts';
import { checkDeviceNodes } from './device-nodes.ts';
import { checkFfmpeg } from './ffmpeg.ts';
import type { Finding } from './finding.ts';
import { checkNode } from './node.ts';
import { checkPort } from './port.ts';

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

/** `vidicon doctor`: prints every finding; the exit code is 1 when one of them keeps the service from working. */
export async function doctor(options: { readonly config?: string; readonly json?: boolean }): Promise<void> {
  const findings = await examine(options.config);
  const text = options.json ? JSON.stringify(findings, undefined, 2) : findings.map(line).join('\n');
  process.stdout.write(`${text}\n`);
  if (findings.some(({ status }) => status === 'fail')) process.exitCode = 1;
}

async function examine(file: string | undefined): Promise<Finding[]> {
  const { config, finding } = await checkConfig(file);
  const { host, port } = config.server;
  return [
    checkNode(process.versions.node),
    finding,
    ...(await checkFfmpeg(config.ffmpeg.path, encodersOf(config))),
    ...checkDeviceNodes(),
    await checkPort(host, port),
  ];
}

/** Every encoder that the configuration names, once. */
function encodersOf({ streams, cameras }: Config): string[] {
  const own = Object.values(cameras.sensors).flatMap(({ encoder }) => encoder?.codec ?? []);
  return [...new Set([streams.encoder.codec, ...own])];
}

/** With a configuration that cannot be used, the rest is looked at as the defaults would have it. */
async function checkConfig(file: string | undefined): Promise<{ config: Config; finding: Finding }> {
  const check = 'configuration';
  try {
    const loaded = await loadConfig({ file, env: process.env });
    return { config: loaded.config, finding: { check, status: 'ok', detail: loaded.file ?? 'defaults' } };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { config } = await loadConfig({ file: '/dev/null', env: {} });
    const advice = `Correct ${file ?? DEFAULT_CONFIG_FILE} or the environment; docs/configuration.md has every key`;
    return { config, finding: { check, status: 'fail', detail: error.message, advice } };
  }
}

function line({ check, status, detail, advice }: Finding): string {
  const seen = `${MARKS[status]}  ${check}: ${detail.replaceAll('\n', '\n      ')}`;
  return advice === undefined ? seen : `${seen}\n      → ${advice}`;
}
