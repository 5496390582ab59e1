/**
 * Factor for every limit a test waits within. 1 on real machines; an emulated one is an order of magnitude slower
 * and says so in `VIDICON_TEST_PATIENCE`.
 */
export const PATIENCE = Number(process.env['VIDICON_TEST_PATIENCE'] ?? 1);
