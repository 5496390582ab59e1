import { defineConfig } from 'vitest/config';

/** The device tests. `npm run test:device` runs them in the hardware lab; elsewhere they are skipped. */
export default defineConfig({
  test: {
    include: ['test/device/**/*.test.ts'],
    pool: 'forks',
    // One after the other: they share cameras.
    fileParallelism: false,
    // An emulated processor takes seconds to load modules.
    isolate: false,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
