// Bundles the player and the start page into dist/web/. Fails when the player outgrows its budget.
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** People embed the player in pages of their own: what it weighs is part of its interface. */
const PLAYER_BUDGET_BYTES = 12_000;

const here = import.meta.dirname;
const out = resolve(here, '../dist/web');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: {
    'vidicon-player': join(here, 'player/vidicon-player.ts'),
    console: join(here, 'console/console.ts'),
  },
  outdir: out,
  bundle: true,
  minify: true,
  // Runs from a classic script as well as from a module.
  format: 'iife',
  target: ['es2022', 'chrome107', 'firefox110', 'safari16.4'],
  legalComments: 'none',
});
await build({
  entryPoints: [join(here, 'console/console.css')],
  outdir: out,
  bundle: true,
  minify: true,
});
for (const file of ['index.html', 'favicon.svg']) copyFileSync(join(here, 'console', file), join(out, file));

const size = gzipSync(readFileSync(join(out, 'vidicon-player.js')), { level: 9 }).byteLength;
console.log(`vidicon-player.js: ${size} bytes gzipped, budget ${PLAYER_BUDGET_BYTES}`);
if (size > PLAYER_BUDGET_BYTES) process.exitCode = 1;
