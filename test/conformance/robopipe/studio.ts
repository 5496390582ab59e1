import { modelFact, NN, results, yoloConfig } from './deployment.ts';
import { type Fact, shown, skipped, verdict } from './fact.ts';
import { jpegSize } from './image.ts';
import { hasShape, requestFact } from './request-fact.ts';
import { activeStreams, field, type Session } from './session.ts';
import { Boxes, DeviceInfos, Floats, Nothing, SensorControl, StreamArray } from './shapes.ts';
import { SocketRecorder } from './socket-recorder.ts';
import { videoMessage } from './video-message.ts';

const stream = '/cameras/{mxid}/streams/{stream}';

/** Controls as Studio posts them after a slider was moved: the whole object, numbers as text. */
const asText = (control: unknown): unknown =>
  Object.fromEntries(
    Object.entries(Object(control)).map(([name, value]) => [
      name,
      typeof value === 'number' ? `${value}` : value,
    ]),
  );

async function waitingClient(session: Session): Promise<SocketRecorder> {
  const client = new SocketRecorder(session.socketUrl(`${stream}/video`));
  await client.more(4);
  return client;
}

/** §9.1: Studio's calls in their order. */
export const STUDIO: readonly Fact[] = [
  requestFact({
    id: '9.1/1-cameras',
    what: 'GET /cameras',
    path: '/cameras',
    status: 200,
    shape: DeviceInfos,
    expected: 'an array; [0].mxid is taken',
  }),
  requestFact({
    id: '9.1/1-refresh',
    what: 'the Refresh button',
    method: 'POST',
    path: '/cameras/refresh?boot=true',
    json: {},
    status: 200,
    shape: DeviceInfos,
    expected: 'an array that replaces the list',
  }),
  {
    id: '9.1/2-streams',
    what: 'GET …/streams without a slash',
    expected: '200 [{name, active}]; the first active is taken',
    check: async (session) => {
      if (session.streamList === 'object') return skipped('the service gives the object of R1');
      const fact = requestFact({
        id: '',
        what: '',
        path: '/cameras/{mxid}/streams',
        status: 200,
        shape: StreamArray,
        holds: ({ json: list }) => activeStreams(list).length > 0,
        expected: '',
      });
      return fact.check(session);
    },
  },
  {
    id: '9.1/3-video',
    what: 'the video socket, its fragments appended in sequence mode',
    expected: 'ArrayBuffers: init segment, then fragments; Baseline',
    check: async (session) => {
      using client = await waitingClient(session);
      const [init, ...others] = client.messages.map(videoMessage);
      const isRight =
        init?.init?.codec.startsWith('avc1.42') === true &&
        others.every(({ fragment }) => fragment !== undefined);
      return verdict(isRight, shown(init?.init));
    },
  },
  requestFact({
    id: '9.1/4-control',
    what: 'the sliders',
    path: `${stream}/control`,
    status: 200,
    shape: SensorControl,
    expected: 'SensorControl',
  }),
  {
    id: '9.1/4-control-post',
    what: 'a slider moved: the whole object with numbers as text',
    expected: '200 SensorControl with that field',
    check: async (session) => {
      const before = (await session.request(`${stream}/control`)).json;
      const moved = { ...Object(asText(before)), contrast: '3' };
      const answer = await session.postJson(`${stream}/control`, moved);
      await session.postJson(`${stream}/control`, before);
      const isRight = answer.status === 200 && field(answer.json, 'contrast') === 3;
      return verdict(isRight, `${answer.status} ${shown(answer.text)}`);
    },
  },
  requestFact({
    id: '9.1/5-capture',
    what: 'Capture',
    path: `${stream}/still?format=jpeg`,
    status: 200,
    type: 'image/jpeg',
    holds: ({ bytes }) => jpegSize(bytes) !== undefined,
    expected: 'a JPEG image',
  }),
  {
    id: '9.1/5-interval',
    what: 'three captures in a row while the video plays',
    expected: '200 each, and the video goes on',
    check: async (session) => {
      using client = await waitingClient(session);
      const statuses: number[] = [];
      for (let capture = 0; capture < 3; capture += 1)
        statuses.push((await session.request(`${stream}/still?format=jpeg`)).status);
      await client.more(3);
      return verdict(
        statuses.every((status) => status === 200),
        shown(statuses),
      );
    },
  },
  requestFact({
    id: '9.1/6-nn',
    what: 'whether inference runs',
    path: NN,
    status: 200,
    shape: Nothing,
    expected: 'null while it does not',
  }),
  ...(['YOLO', 'MobileNetSSD'] as const).map((type) =>
    modelFact(
      {
        id: `9.1/6-${type.toLowerCase()}`,
        what: `deploy as ${type} and read results`,
        expected: '201; GET …/nn truthy, not Generic; boxes from coords, label and confidence',
      },
      type === 'YOLO' ? 'yolo' : 'mobileNet',
      (session) => ({ config: yoloConfig(session, type) }),
      async (session) => {
        const told = (await session.request(NN)).json;
        const messages = await results(session, 3);
        const isBoxes = messages.every((message) => hasShape(Boxes, message));
        const isRight = Boolean(told) && field(told, 'type') !== 'Generic' && isBoxes;
        return verdict(isRight, `${shown(told, 60)}; ${shown(messages[0])}`);
      },
    ),
  ),
  modelFact(
    {
      id: '9.1/6-generic',
      what: 'deploy as Generic without further configuration, and read results',
      expected: '201; GET …/nn has type Generic; the largest of detections is the class',
    },
    'generic',
    () => ({ config: { type: 'Generic' } }),
    async (session) => {
      const told = (await session.request(NN)).json;
      const messages = await results(session, 3);
      const isRight =
        field(told, 'type') === 'Generic' && messages.every((message) => hasShape(Floats, message));
      return verdict(isRight, `${shown(told, 60)}; ${shown(messages[0])}`);
    },
  ),
  requestFact({
    id: '9.1/6-stop',
    what: 'stop inference',
    method: 'DELETE',
    path: NN,
    status: 202,
    shape: Nothing,
    expected: 'null',
  }),
];
