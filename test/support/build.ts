import { execFileSync } from 'node:child_process';

/** Vitest global set-up: threads and service processes run the compiled code, so it must match the sources. */
export default function setup(): void {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', '--noCheck'], { stdio: 'inherit' });
  execFileSync(process.execPath, ['scripts/bundle.mjs'], { stdio: 'inherit' });
}
