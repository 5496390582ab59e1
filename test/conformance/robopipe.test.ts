import { describe, expect, test } from 'vitest';
import { brightSpotDetector, constantModel } from '../support/onnx-graph.ts';
import { hasRuntime } from '../support/onnx-runtime.ts';
import { Service, SIMULATED_CAMERA } from '../support/service.ts';
import type { Row } from './robopipe/fact.ts';
import { FACTS } from './robopipe/facts.ts';
import { line, run } from './robopipe/run.ts';
import { type Models, Session, type StartService } from './robopipe/session.ts';

const RUN_MS = 300_000;

/** What the public system has in its newest generation alone, and a service may leave out. */
const MAY_BE_ABSENT = ['1.1/recording', '1.2/replay', '1.2/webrtc'];

const isRuntimeThere = hasRuntime();

/** One detection: picture, class, confidence, xmin, ymin, xmax, ymax. */
const DETECTION = [0, 1, 0.9, 0.25, 0.25, 0.5, 0.75];

const MODELS: Models = isRuntimeThere
  ? {
      generic: constantModel({ scores: { type: 'float32', shape: [1, 2], values: [0.25, 0.75] } }),
      yolo: brightSpotDetector({ width: 320, height: 320, head: 'yolov8' }),
      yoloClasses: 1,
      mobileNet: constantModel({ detections: { type: 'float32', shape: [1, 1, 1, 7], values: DETECTION } }),
    }
  : {};

/** What the file says differs from what the facts set in the environment. */
const start: StartService = (env) => {
  const host = env['HOST'] === undefined ? '127.0.0.1' : '127.0.0.2';
  return Service.start({ config: { server: { host, corsOrigins: ['http://file.example'] } }, env });
};

async function rowsOf(config: Record<string, unknown>): Promise<readonly Row[]> {
  await using service = await Service.start({
    config: { io: { simulated: { enabled: 'always' } }, ...config },
  });
  const session = await Session.open(service.url, { models: MODELS, start });
  const rows: Row[] = [];
  for await (const row of run(FACTS, session)) rows.push(row);
  return rows;
}

const illuminators = { [SIMULATED_CAMERA]: { floodLight: 'ao/1_02', dotProjector: 'led/1_04' } };

describe.each([
  {
    streamList: 'object',
    cameras: {},
    ofTheOtherForm: '9.1/2-streams',
  },
  {
    streamList: 'array',
    cameras: { illuminators },
    ofTheOtherForm: '10/hello-streams',
  },
])('programs for Robopipe find what they rely on, with $streamList as the list of streams', (form) => {
  test('no fact fails', { timeout: RUN_MS }, async () => {
    const { streamList, cameras, ofTheOtherForm } = form;
    const rows = await rowsOf({ compatibility: { streamList }, cameras });
    expect(rows.filter(({ is }) => is === 'FAIL').map(line)).toEqual([]);
    const expected = [...MAY_BE_ABSENT, ofTheOtherForm];
    const skipped = rows.filter(({ is, id }) => is === 'SKIP' && !expected.includes(id)).map(line);
    if (isRuntimeThere) expect(skipped).toEqual([]);
    expect(rows.filter(({ is }) => is === 'PASS').length).toBeGreaterThan(200);
  });
});
