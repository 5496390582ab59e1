import { deploy, modelFact, NN } from './deployment.ts';
import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import { hasShape, requestFact, requestFacts } from './request-fact.ts';
import { type Answer, field, type Session } from './session.ts';
import { DeployedModel, Nothing, Refusal } from './shapes.ts';

const junk = new Blob(['no model at all']);

/** §1.2: models that are refused, while none is deployed. */
const REFUSALS: readonly Fact[] = [
  requestFact({
    id: '1.2/nn-none',
    what: 'the model where there is none',
    path: NN,
    status: 200,
    shape: Nothing,
    expected: 'null (original R1: 405)',
  }),
  requestFact({
    id: '1.2/nn-delete-none',
    what: 'remove the model where there is none',
    method: 'DELETE',
    path: NN,
    status: 202,
    shape: Nothing,
    expected: 'null',
  }),
  ...requestFacts({ status: 422, shape: Refusal, method: 'POST', path: NN, expected: 'JSON with detail' }, [
    {
      id: '1.2/nn-no-model',
      what: 'a body without model',
      path: NN,
      multipart: { config: '{"type":"Generic"}' },
    },
    {
      id: '1.2/nn-bad-json',
      what: 'a configuration that is no JSON',
      path: NN,
      multipart: { model: junk, config: '{"type":' },
    },
    {
      id: '1.2/nn-bad-type',
      what: 'a type that does not exist',
      path: NN,
      multipart: { model: junk, config: '{"type":"Tarot"}' },
    },
  ]),
  {
    id: '1.2/nn-bad-model',
    what: 'a file that is no model',
    expected: '422 JSON with detail (original: 500)',
    check: async (session) => {
      const answer = await deploy(session, { model: new Uint8Array([1, 2, 3]), config: { type: 'Generic' } });
      if (answer.status === 501) return skipped(`no inference here: ${shown(field(answer.json, 'detail'))}`);
      return verdict(
        answer.status === 422 && hasShape(Refusal, answer.json),
        `${answer.status} ${shown(answer.text)}`,
      );
    },
  },
  ...requestFacts({ status: 404, shape: Refusal, expected: 'JSON with detail', path: '' }, [
    {
      id: '1.2/nn-unknown',
      what: 'the model of a stream that is not there',
      path: '/cameras/{mxid}/streams/CAM_H/nn',
    },
    {
      id: '1.2/nn-unknown-deploy',
      what: 'deploy to a stream that is not there',
      method: 'POST',
      path: '/cameras/{mxid}/streams/CAM_H/nn',
      multipart: { model: junk, config: '{"type":"Generic"}' },
    },
  ]),
];

/** Whether deployment was answered as promised, and what is deployed. */
const isDeployed =
  (type: string) =>
  async (session: Session, { status, json }: Answer): Promise<Verdict> => {
    const told = await session.request(NN);
    const isTold = hasShape(DeployedModel, told.json) && field(told.json, 'type') === type;
    const isRight = status === 201 && json === null && told.status === 200 && isTold;
    return verdict(isRight, `${status} ${shown(json)}; GET: ${told.status} ${shown(told.text)}`);
  };

const generic = { type: 'Generic', num_inference_threads: 2 };

/** §1.2: models that are deployed. */
const DEPLOYMENTS: readonly Fact[] = [
  modelFact(
    { id: '1.2/nn-r1', what: "deploy with R1's field nn_config", expected: '201 null; GET tells of it' },
    'generic',
    () => ({ config: generic, field: 'nn_config' }),
    isDeployed('Generic'),
  ),
  modelFact(
    {
      id: '1.2/nn-r1d',
      what: "deploy with R1d's field config, before the model",
      expected: '201 null; GET tells of it',
    },
    'generic',
    () => ({ config: generic, isConfigFirst: true }),
    isDeployed('Generic'),
  ),
  modelFact(
    {
      id: '1.2/nn-null',
      what: 'deploy with nn_config: null',
      expected: '201 null; GET tells of it (original: 500 but for Generic)',
    },
    'yolo',
    () => ({ config: { type: 'YOLO', nn_config: null } }),
    isDeployed('YOLO'),
  ),
  modelFact(
    {
      id: '1.2/nn-full',
      what: 'deploy with every field of a YOLO configuration',
      expected: '201 null; GET tells of it',
    },
    'yolo',
    ({ models }) => ({
      config: {
        type: 'YOLO',
        num_inference_threads: 2,
        nn_config: {
          anchor_masks: null,
          anchors: null,
          coordinate_size: 4,
          confidence_threshold: 0.5,
          iou_threshold: 0.5,
          num_classes: models.yoloClasses ?? 80,
        },
      },
    }),
    isDeployed('YOLO'),
  ),
  modelFact(
    {
      id: '1.2/nn-redeploy',
      what: 'deploy again, then remove twice',
      expected: '201, then 202 null each; GET null (original: 500)',
    },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      const again = await deploy(session, {
        model: session.models.generic ?? new Uint8Array(),
        config: generic,
      });
      const removed = await session.request(NN, { method: 'DELETE' });
      const removedAgain = await session.request(NN, { method: 'DELETE' });
      const { json } = await session.request(NN);
      const seen = [again.status, removed.status, removed.json, removedAgain.status, json];
      return verdict(JSON.stringify(seen) === '[201,202,null,202,null]', shown(seen));
    },
  ),
];

/** §1.2: a stream's model. */
export const NN_UPLOAD: readonly Fact[] = [...REFUSALS, ...DEPLOYMENTS];
