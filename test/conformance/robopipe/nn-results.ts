import { modelFact, NN, results, yoloConfig } from './deployment.ts';
import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import { jpegSize } from './image.ts';
import { hasShape } from './request-fact.ts';
import { field, type Session } from './session.ts';
import { Boxes, Floats } from './shapes.ts';
import { SocketRecorder } from './socket-recorder.ts';
import { videoMessage } from './video-message.ts';
import { VIDEO_PATH } from './video-recording.ts';

const generic = { type: 'Generic', num_inference_threads: 2 };

const BOXES = '{"detections": [{label, confidence, coords 0..1}]}, as text';

async function givesBoxes(session: Session): Promise<Verdict> {
  const messages = await results(session, 5);
  const isSeen = messages.some((message) => field(field(message, 'detections'), '0') !== undefined);
  return verdict(isSeen && messages.every((message) => hasShape(Boxes, message)), shown(messages[0]));
}

/** §2.2: the socket of results. */
export const NN_RESULTS: readonly Fact[] = [
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
  modelFact(
    { id: '2.2/generic', what: 'results of a Generic model', expected: '{"detections": [floats]}, as text' },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      const messages = await results(session, 3);
      return verdict(
        messages.every((message) => hasShape(Floats, message)),
        shown(messages[0]),
      );
    },
  ),
  modelFact(
    { id: '2.2/yolo', what: 'results of a YOLO model', expected: BOXES },
    'yolo',
    (session) => ({ config: yoloConfig(session) }),
    givesBoxes,
  ),
  modelFact(
    { id: '2.2/mobilenet', what: 'results of a MobileNet model', expected: BOXES },
    'mobileNet',
    () => ({ config: { type: 'MobileNet', nn_config: { confidence_threshold: 0.01 } } }),
    givesBoxes,
  ),
  modelFact(
    { id: '2.2/nothing', what: 'results while nothing is found', expected: '{"detections": []}' },
    'mobileNet',
    () => ({ config: { type: 'MobileNet', nn_config: { confidence_threshold: 1 } } }),
    async (session) => {
      const messages = await results(session, 2);
      const isRight = messages.every((message) => JSON.stringify(field(message, 'detections')) === '[]');
      return verdict(isRight, shown(messages[0]));
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
      if (texts.size === 1) return skipped('this model and service make all results alike');
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
      id: '2.2/responsive',
      what: 'GET / while three clients read results',
      expected: 'answered within 0.5 s (original: 0.8 s to 1 s)',
    },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      const url = session.socketUrl(NN);
      using one = new SocketRecorder(url);
      using two = new SocketRecorder(url);
      using three = new SocketRecorder(url);
      await Promise.all([one.more(1), two.more(1), three.more(1)]);
      const tookMs: number[] = [];
      for (let request = 0; request < 5; request += 1) {
        const start = performance.now();
        await session.request('/');
        tookMs.push(Math.round(performance.now() - start));
      }
      const median = [...tookMs].sort((a, b) => a - b)[2] ?? Infinity;
      return verdict(median < 500, `${tookMs.join(', ')} ms`);
    },
  ),
  modelFact(
    {
      id: '2.2/inactive',
      what: 'the socket of results of an inactive stream',
      expected: 'refused with 404 or 409 (original: 500)',
    },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      await session.request('/cameras/{mxid}/streams/{stream}/', { method: 'DELETE' });
      using client = new SocketRecorder(session.socketUrl(NN));
      await client.until(() => client.messages.length > 0, 'An end');
      await session.request('/cameras/{mxid}/streams/{stream}/', { method: 'POST' });
      return verdict([404, 409].includes(client.refusedWith ?? 0), `${client.refusedWith ?? 'opened'}`);
    },
  ),
  modelFact(
    {
      id: '3.4/full-size',
      what: 'video while a model runs',
      expected: "has the stream's size (original: the model's)",
    },
    'generic',
    () => ({ config: generic }),
    async (session) => {
      await results(session, 2);
      using client = new SocketRecorder(session.socketUrl(VIDEO_PATH));
      await client.more(5);
      const inits = client.messages.flatMap((message) => videoMessage(message).init ?? []);
      const still = jpegSize((await session.request('/cameras/{mxid}/streams/{stream}/still')).bytes);
      const isRight = inits.length === 1 && still !== undefined && inits[0]?.width === still.width;
      return verdict(isRight, `${shown(inits)}; still ${shown(still)}`);
    },
  ),
];
