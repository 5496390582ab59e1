import { Ajv } from 'ajv';
import type { TSchema } from '../../../src/core/schema.ts';
import { deploy, modelFact, NN, results, yoloConfig } from './deployment.ts';
import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { type Answer, field, type Session } from './session.ts';
import { Boxes, DeployedModel, Floats, Nothing, Refusal } from './shapes.ts';
import { SocketRecorder } from './socket-recorder.ts';

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
      return verdict(answer.status === 422 && hasDetail(answer), `${answer.status} ${shown(answer.text)}`);
    },
  },
  {
    id: '2.2/none',
    what: 'the socket of results where there is no model',
    expected: 'refused with a status from 400 to 499 (original: opened, then 1006)',
    check: async (session) => {
      using client = new SocketRecorder(session.socketUrl(NN));
      await client.until(() => client.messages.length > 0, 'An end');
      const status = client.refusedWith ?? 0;
      return verdict(
        status >= 400 && status < 500,
        `${client.refusedWith ?? `opened, closed with ${client.closeCode}`}`,
      );
    },
  },
  {
    id: '2.2/unknown',
    what: 'the socket of results of a camera that is not there',
    expected: 'refused with 404 (original: 500)',
    check: async (session) => {
      using client = new SocketRecorder(session.socketUrl('/cameras/NOPE/streams/CAM_A/nn'));
      await client.until(() => client.messages.length > 0, 'An end');
      return verdict(client.refusedWith === 404, `${client.refusedWith ?? 'opened'}`);
    },
  },
];

const hasDetail = ({ json }: Answer): boolean => field(json, 'detail') !== undefined;
const ajv = new Ajv({ strict: false });
const has = (shape: TSchema, value: unknown): boolean => ajv.validate(shape, value);

/** Whether deployment was answered as promised, and what is deployed. */
async function isDeployed(session: Session, { status, json }: Answer): Promise<Verdict> {
  const told = await session.request(NN);
  const isRight = status === 201 && json === null && told.status === 200 && has(DeployedModel, told.json);
  return verdict(isRight, `${status} ${shown(json)}; GET: ${told.status} ${shown(told.text)}`);
}

const generic = { type: 'Generic', num_inference_threads: 2 };

const MODELS: readonly Fact[] = [
  modelFact(
    { id: '1.2/nn-r1', what: 'deploy with R1’s field nn_config', expected: '201 null; GET tells of it' },
    'generic',
    () => ({ config: generic, field: 'nn_config' }),
    isDeployed,
  ),
  modelFact(
    {
      id: '1.2/nn-r1d',
      what: 'deploy with R1d’s field config, before the model',
      expected: '201 null; GET tells of it',
    },
    'generic',
    () => ({ config: generic, isConfigFirst: true }),
    isDeployed,
  ),
  modelFact(
    {
      id: '1.2/nn-null',
      what: 'deploy with nn_config: null',
      expected: '201 null; GET tells of it (original: 500 but for Generic)',
    },
    'yolo',
    () => ({ config: { type: 'YOLO', nn_config: null } }),
    isDeployed,
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
  modelFact(
    { id: '2.2/generic', what: 'results of a Generic model', expected: '{"detections": [floats]}, as text' },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      const messages = await results(session, 3);
      return verdict(
        messages.every((message) => has(Floats, message)),
        shown(messages[0]),
      );
    },
  ),
  modelFact(
    {
      id: '2.2/yolo',
      what: 'results of a YOLO model',
      expected: '{"detections": [{label, confidence, coords 0..1}]}, as text',
    },
    'yolo',
    (session) => ({ config: yoloConfig(session) }),
    async (session) => {
      const messages = await results(session, 5);
      const isSeen = messages.some((message) => field(field(message, 'detections'), '0') !== undefined);
      return verdict(isSeen && messages.every((message) => has(Boxes, message)), shown(messages[0]));
    },
  ),
  modelFact(
    {
      id: '2.2/everybody',
      what: 'two clients of results',
      expected: 'both get the same results (original: each gets half)',
    },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      using one = new SocketRecorder(session.socketUrl(NN));
      using two = new SocketRecorder(session.socketUrl(NN));
      await Promise.all([one.more(1), two.more(1)]);
      await Promise.all([one.more(10), two.more(10)]);
      const texts = new Set(one.messages.map(({ bytes }) => bytes.toString()));
      const shared = two.messages.filter(({ bytes }) => texts.has(bytes.toString())).length;
      return verdict(shared >= 5, `${one.messages.length} and ${two.messages.length}, ${shared} the same`);
    },
  ),
  modelFact(
    {
      id: '2.2/removed',
      what: 'a client of results while the model is removed',
      expected: 'its socket closes',
    },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      using client = new SocketRecorder(session.socketUrl(NN));
      await client.more(1);
      await session.request(NN, { method: 'DELETE' });
      await client.closed();
      return verdict(true, `closed with ${client.closeCode}`);
    },
  ),
  modelFact(
    {
      id: '3.4/full-size',
      what: 'video while a model runs',
      expected: "keeps the stream's size (original: the model's)",
    },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      const still = async () => (await session.request('/cameras/{mxid}/streams/{stream}/still')).headers;
      using client = new SocketRecorder(session.socketUrl('/cameras/{mxid}/streams/{stream}/video'));
      await client.more(3);
      await results(session, 2);
      await client.more(5);
      const inits = client.messages.filter(({ bytes }) => bytes.toString('latin1', 4, 8) === 'ftyp').length;
      return verdict(
        inits === 1 && (await still()).get('content-type') === 'image/jpeg',
        `${inits} init segment`,
      );
    },
  ),
];

/** §1.2 and §2.2: models and their results. */
export const INFERENCE: readonly Fact[] = [...REFUSALS, ...MODELS];
