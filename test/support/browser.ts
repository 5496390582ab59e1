import { resolve } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium, headless, drawing and decoding in software. Playing needs no gesture unless asked for. */
export function launchChromium({ needsGesture = false } = {}): Promise<Browser> {
  const policy = needsGesture ? 'user-gesture-required' : 'no-user-gesture-required';
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', `--autoplay-policy=${policy}`],
  });
}

/** The script of `web-player/<entry>` as the build makes it, from the present sources. */
export async function bundleScript(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [resolve(import.meta.dirname, '../../web-player', entry)],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error(`${entry} gave no output`);
  return script.text;
}
