import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web-player/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/device/**', '**/node_modules/**'],
    pool: 'forks',
    globalSetup: ['test/support/build.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
