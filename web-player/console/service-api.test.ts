import { expect, test } from 'vitest';
import { activeStreams } from './service-api.ts';

test('streams are read from either form of the list, and only the active ones', () => {
  expect(activeStreams({ CAM_A: { active: true }, DEPTH_B_C: { active: false } })).toEqual(['CAM_A']);
  expect(
    activeStreams([
      { name: 'CAM_B', active: true },
      { name: 'CAM_C', active: false },
    ]),
  ).toEqual(['CAM_B']);
});
