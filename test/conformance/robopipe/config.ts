import { type Fact, shown, skipped, verdict } from './fact.ts';
import { jpegSize } from './image.ts';
import { keeps, sentBack } from './kept-state.ts';
import { requestFact, requestFacts } from './request-fact.ts';
import { field } from './session.ts';
import * as shape from './shapes.ts';

const config = '/cameras/{mxid}/streams/{stream}/config';
const otherConfig = '/cameras/{mxid}/streams/{other}/config';

/** §1.2: a sensor's configuration. */
export const CONFIG: readonly Fact[] = [
  ...requestFacts({ status: 200, shape: shape.StreamConfig, expected: 'one of the three shapes' }, [
    { id: '1.2/config', what: 'a configuration', path: config, holds: keeps(config) },
    { id: '1.2/config-other', what: "the second sensor's configuration", path: otherConfig },
    {
      id: '1.2/config-part',
      what: 'a change of one field',
      method: 'POST',
      path: config,
      json: { fps: 10 },
      holds: ({ json }) => field(json, 'fps') === 10,
      original: '422',
    },
    {
      id: '1.2/config-text',
      what: 'a number as text',
      method: 'POST',
      path: config,
      json: { fps: '15' },
      holds: ({ json }) => field(json, 'fps') === 15,
    },
    {
      id: '1.2/config-unknown-field',
      what: 'a field that no configuration has, which is ignored',
      method: 'POST',
      path: config,
      json: { fps: 12, colour: 'red' },
      holds: ({ json }) => field(json, 'fps') === 12,
    },
  ]),
  {
    id: '1.2/config-full',
    what: 'a whole configuration with one field changed',
    expected: '200 the same with it, and read back (restarts the pipeline in the original)',
    check: async (session) => {
      const before = (await session.request(config)).json;
      const answer = await session.postJson(config, { ...Object(before), fps: 12 });
      const after = (await session.request(config)).json;
      const wanted = JSON.stringify({ ...Object(before), fps: 12 });
      const isRight = answer.status === 200 && answer.text === wanted && JSON.stringify(after) === wanted;
      return verdict(isRight, `${answer.status} ${shown(answer.text)}`);
    },
  },
  {
    id: '1.2/config-other-full',
    what: "the second sensor's configuration, sent back as it is",
    expected: '200 the same',
    check: async (session) => {
      if (session.streams.length < 2) return skipped('the camera has one stream');
      const before = await session.request(otherConfig);
      const answer = await session.postJson(otherConfig, before.json);
      return verdict(
        answer.status === 200 && answer.text === before.text,
        `${answer.status} ${shown(answer.text)}`,
      );
    },
  },
  {
    id: '1.2/config-colour-on-mono',
    what: 'the configuration of a colour sensor for a mono sensor',
    expected: '200, or 422 with detail (original: 500)',
    check: async (session) => {
      const [colour, mono] = [await session.request(config), await session.request(otherConfig)];
      const isMono =
        field(mono.json, 'resolution') !== undefined && field(mono.json, 'still_size') === undefined;
      if (!isMono || field(colour.json, 'still_size') === undefined)
        return skipped('the first two sensors are no colour and mono sensor');
      const { status, text, json } = await session.postJson(otherConfig, colour.json);
      if (status === 200) await session.postJson(otherConfig, mono.json);
      const isRight = status === 200 || (status === 422 && field(json, 'detail') !== undefined);
      return verdict(isRight, `${status} ${shown(text)}`);
    },
  },
  {
    id: '1.2/config-r2',
    what: 'a configuration in the words of R2',
    expected: '200, and stills of that size',
    check: async (session) => {
      const before = (await session.request(config)).json;
      const wanted = { width: 640, height: 360, fps: 15, resize_mode: 'CROP' };
      const answer = await session.postJson(config, wanted);
      const size = jpegSize((await session.request('/cameras/{mxid}/streams/{stream}/still')).bytes);
      await session.postJson(config, before);
      const isRight = answer.status === 200 && size?.width === 640 && size.height === 360;
      return verdict(isRight, `${answer.status} ${shown(answer.text)}; still ${shown(size)}`);
    },
  },
  ...requestFacts({ status: 422, shape: shape.Refusal, method: 'POST', expected: 'JSON with detail' }, [
    {
      id: '1.2/config-enum',
      what: 'a resolution that does not exist',
      path: config,
      json: { resolution: 'THE_7_P' },
    },
    { id: '1.2/config-fps', what: 'a rate below 0', path: config, json: { fps: -1 } },
    { id: '1.2/config-word', what: 'a rate of "fast"', path: config, json: { fps: 'fast' } },
  ]),
  requestFact({
    id: '1.2/config-available',
    what: 'possible sizes and rates (R2)',
    path: `${config}/available`,
    status: 200,
    shape: shape.AvailableConfigs,
    expected: '[{width, height, min_fps, max_fps}]',
  }),
  sentBack('1.2/config-back', 'the configuration of the beginning, sent back', config),
];
