import { defineConfig } from 'vitest/config';

/** One project a level: the level of a test is in its file name (docs/testing.md). */
const level = (name: string, testTimeoutMs: number, more: object = {}) => ({
  test: {
    name,
    include: [`{packages,services,cli,test}/**/*.${name}.test.ts`],
    exclude: ['**/node_modules/**'],
    testTimeout: testTimeoutMs,
    hookTimeout: testTimeoutMs,
    ...more,
  },
});

export default defineConfig({
  test: {
    projects: [
      level('unit', 20_000),
      level('contract', 30_000),
      // These start real daemons; side by side they would fight for two cores.
      level('e2e', 180_000, { fileParallelism: false }),
      level('openstack', 900_000, { fileParallelism: false }),
      // A test waits for its turn on one of two clouds, so each has the whole suite's time.
      level('chaos', 5_400_000, { fileParallelism: false, maxConcurrency: 2 }),
    ],
  },
});
