import { expect, test } from 'vitest';
import { resultMessage } from './result-message.ts';

test('what was found is told with the picture that it belongs to', () => {
  const message = resultMessage(
    { findings: Buffer.from('"detections":[]'), modelUs: 4000, overheadUs: 1000 },
    {
      sequence: 7,
      capturedWallUs: 1_767_225_600_000_000,
      ptsTicks: 3000,
      width: 640,
      height: 480,
      latencyUs: 12_345,
    },
  );
  expect(message.toString()).toBe(
    '{"detections":[],"seq":7,"capture_ts_us":1767225600000000,"pts":3000,"timescale":90000,' +
      '"width":640,"height":480,"latency_ms":12.345,"inference_ms":4}',
  );
});

test('a picture that is not in the video has no PTS', () => {
  const message = resultMessage(
    { findings: Buffer.from('"detections":[]'), modelUs: 0, overheadUs: 0 },
    { sequence: 1, capturedWallUs: 0, ptsTicks: undefined, width: 2, height: 1, latencyUs: 0 },
  );
  expect(JSON.parse(message.toString())).toMatchObject({ pts: null });
});
