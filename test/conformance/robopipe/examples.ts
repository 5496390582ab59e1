import { circuitsOf, putBack } from './circuit-state.ts';
import { modelFact, results } from './deployment.ts';
import { type Fact, shown, skipped, verdict } from './fact.ts';
import { jpegSize } from './image.ts';
import { type Answer, field, type Session } from './session.ts';

const sensor = '/cameras/{mxid}/sensors/{stream}';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sets stills of 200×200 as an example does, looks at one, and puts back what was there. */
function stillSize(
  fact: Omit<Fact, 'check'>,
  set: (session: Session, config: unknown) => Promise<Answer>,
): Fact {
  return {
    ...fact,
    check: async (session) => {
      const before = (await session.request(`${sensor}/config`)).json;
      const answer = await set(session, before);
      const size = jpegSize((await session.request(`${sensor}/still`)).bytes);
      await session.postJson(`${sensor}/config`, before);
      const isRight = answer.status === 200 && size?.width === 200 && size.height === 200;
      return verdict(isRight, `${answer.status} ${shown(answer.text)}; still ${shown(size)}`);
    },
  };
}

/** Switches every LED as Capsule counting does. */
function ledForm(id: string, body: string, value: 0 | 1): Fact {
  return {
    id,
    what: `Capsule counting: a form with ${body} for every LED`,
    expected: `200, and every LED is ${value} (original: 422)`,
    check: async (session) => {
      const before = await circuitsOf(session, 'led');
      if (before.length === 0) return skipped('there is no led');
      const init = { method: 'POST', headers: form, body };
      const { status, text, json } = await session.request('/controller/led', init);
      await putBack(session, 'led', before);
      const isRight = Array.isArray(json) && json.every((led) => field(led, 'value') === value);
      return verdict(status === 200 && isRight, `${status} ${shown(text)}`);
    },
  };
}

/** §10: the published examples, with the paths and bodies that they really have. */
export const EXAMPLES: readonly Fact[] = [
  {
    id: '10/hello-streams',
    what: 'Hello world: list(streams.keys())[0]',
    expected: 'an object whose first key is a stream',
    check: async (session) => {
      if (session.streamList === 'array') return skipped('the service gives the array of R1d');
      const { json } = await session.request('/cameras/{mxid}/streams/');
      const [first] = Object.keys(Object(json));
      return verdict(/^CAM_[A-H]$/.test(first ?? ''), shown(json));
    },
  },
  stillSize(
    {
      id: '10/hello-size-form',
      what: "Hello world's page: a form with still_size alone, at /sensors/",
      expected: '200, and stills of 200×200 (original: 404, 422)',
    },
    (session) =>
      session.request(`${sensor}/config`, {
        method: 'POST',
        headers: form,
        body: 'still_size=200&still_size=200',
      }),
  ),
  stillSize(
    {
      id: '10/hello-size-script',
      what: "Hello world's script: the whole configuration with still_size changed",
      expected: '200, and stills of 200×200',
    },
    (session, config) => session.postJson(`${sensor}/config`, { ...Object(config), still_size: [200, 200] }),
  ),
  modelFact(
    {
      id: '10/hello-model',
      what: "Hello world's script: a model without configuration, and results",
      expected: '201, {"detections": […]} (original: 422)',
    },
    'generic',
    () => ({}),
    async (session) => {
      const messages = await results(session, 2);
      return verdict(
        messages.every((message) => Array.isArray(field(message, 'detections'))),
        shown(messages[0]),
      );
    },
  ),
  modelFact(
    {
      id: '10/hello-socket',
      what: "Hello world's page: results at /stream/",
      expected: '{"detections": […]} (original: none)',
    },
    'generic',
    () => ({}),
    async (session) => {
      const messages = await results(session, 2, '/cameras/{mxid}/stream/{stream}/nn');
      return verdict(
        messages.every((message) => Array.isArray(field(message, 'detections'))),
        shown(messages[0]),
      );
    },
  ),
  modelFact(
    {
      id: '10/capsules-model',
      what: 'Capsule counting: YOLO in nn_config, and results',
      expected: '201, and detections that can be counted',
    },
    'yolo',
    (session) => ({
      field: 'nn_config',
      config: {
        type: 'YOLO',
        nn_config: {
          confidence_threshold: 0.5,
          num_classes: session.models.yoloClasses ?? 80,
          coordinate_size: 4,
        },
      },
    }),
    async (session) => {
      const messages = await results(session, 2);
      return verdict(
        messages.every((message) => Array.isArray(field(message, 'detections'))),
        shown(messages[0]),
      );
    },
  ),
  ledForm('10/capsules-on', 'value=True', 1),
  ledForm('10/capsules-off', 'value=False', 0),
];
