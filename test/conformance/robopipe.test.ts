import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brightSpotDetector, constantModel } from '../support/onnx-graph.ts';
import { hasRuntime } from '../support/onnx-runtime.ts';
import { PATIENCE } from '../support/patience.ts';
import { Service, SIMULATED_CAMERA } from '../support/service.ts';
import { FACTS } from './robopipe/facts.ts';
import { OPTIONAL } from './robopipe/optional.ts';
import { type Models, Session, type StartService } from './robopipe/session.ts';
import { verdictOf } from './robopipe/verdict.ts';

const FACT_MS = 130_000 * PATIENCE;

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

const illuminators = { [SIMULATED_CAMERA]: { floodLight: 'ao/1_02', dotProjector: 'led/1_04' } };

/** Facts that may be skipped here. */
const maySkip = (ofTheForm: readonly string[]): readonly string[] => [
  ...OPTIONAL.map(({ id }) => id),
  ...ofTheForm,
];

test('every fact has a name of its own', () => {
  const ids = FACTS.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

describe.each([
  { streamList: 'object', lights: 'no lights', cameras: {}, skips: ['9.1/2-streams', '1.1/ir-back'] },
  { streamList: 'array', lights: 'lights', cameras: { illuminators }, skips: ['10/hello-streams'] },
])('programs for Robopipe find, with $streamList as the list of streams and $lights,', (form) => {
  let service: Service;
  let session: Session;

  beforeAll(async () => {
    const { streamList, cameras } = form;
    const io = { simulated: { enabled: 'always' } };
    service = await Service.start({ config: { io, cameras, compatibility: { streamList } } });
    session = await Session.open(service.url, { models: MODELS, start });
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });

  for (const fact of FACTS)
    test(`${fact.id}: ${fact.what}`, { timeout: FACT_MS }, async ({ skip }) => {
      const { is, seen } = await verdictOf(fact, session);
      const isForeseen = maySkip(form.skips).includes(fact.id) || !isRuntimeThere;
      skip(is === 'SKIP' && isForeseen, seen);
      expect({ is, seen }, `expected: ${fact.expected}`).toEqual({ is: 'PASS', seen });
    });
});
