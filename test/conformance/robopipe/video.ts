import { spawnSync } from 'node:child_process';
import { decode } from '../../support/decode.ts';
import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import { field, type Session } from './session.ts';
import { COLOUR_RESOLUTIONS } from './shapes.ts';
import { SocketRecorder } from './socket-recorder.ts';
import { type VideoMessage, videoMessage } from './video-message.ts';

const stream = '/cameras/{mxid}/streams/{stream}';
const video = `${stream}/video`;

/** What a first client, one who comes later, and one who comes when both have gone were sent. */
interface Recording {
  readonly extensions: string;
  readonly hasOnlyBinary: boolean;
  readonly first: readonly VideoMessage[];
  readonly later: readonly VideoMessage[];
  readonly again: readonly VideoMessage[];
}

const RECORDING = 'video recording';
const MOST_MESSAGES = 400;
const MOST_TRIES = 20;

/** Made when the first fact asks for it. */
function recorded(session: Session): Promise<Recording> {
  const known = session.kept(RECORDING) as Promise<Recording> | undefined; // kept below and nowhere else
  const recording = known ?? record(session);
  session.keep(RECORDING, recording);
  return recording;
}

async function record(session: Session): Promise<Recording> {
  const url = session.socketUrl(video);
  using first = new SocketRecorder(url);
  // Whoever joins during the first group of pictures may be given it from its beginning.
  const hasGroup = (): boolean =>
    first.messages.map(videoMessage).some(({ fragment }) => fragment?.isSync === true && fragment.time > 0);
  await first.until(() => hasGroup() || first.messages.length >= MOST_MESSAGES, 'A second sync sample');
  using later = new SocketRecorder(url);
  await later.more(5);
  await first.more(5);
  const { extensions } = first.socket;
  const messages = [...first.messages];
  for (const each of [first, later]) {
    each.socket.close();
    await each.closed();
  }
  return {
    extensions,
    hasOnlyBinary: messages.every(({ isBinary }) => isBinary),
    first: messages.map(videoMessage),
    later: later.messages.map(videoMessage),
    again: (await untilFromZero(url)).map(videoMessage),
  };
}

/** Nothing of the API tells when the last client's stream has ended: one who comes too early joins it. */
async function untilFromZero(url: string) {
  for (let tries = 1; ; tries += 1) {
    using client = new SocketRecorder(url);
    await client.more(2);
    const messages = client.messages.slice(0, 2);
    const isFromZero = messages.map(videoMessage).some(({ fragment }) => fragment?.time === 0);
    if (isFromZero || tries === MOST_TRIES) return messages;
    client.socket.close();
    await client.closed();
  }
}

/** A fact about the recording. */
function recordingFact(
  fact: Omit<Fact, 'check'>,
  look: (recording: Recording) => readonly [isRight: boolean, seen: unknown] | Verdict,
): Fact {
  return {
    ...fact,
    check: async (session) => {
      const seen = look(await recorded(session));
      return 'is' in seen ? seen : verdict(seen[0], shown(seen[1]));
    },
  };
}

const fragmentsOf = (messages: readonly VideoMessage[]) =>
  messages.flatMap(({ fragment }) => (fragment === undefined ? [] : [fragment]));

const fileOf = (messages: readonly VideoMessage[]): Buffer =>
  Buffer.concat(messages.map(({ bytes }) => bytes));

/** Decodes what a client has. */
function decoded(messages: readonly VideoMessage[], wanted: number): Verdict {
  if (spawnSync('ffmpeg', ['-version']).error !== undefined) return skipped('there is no ffmpeg');
  const { pictures, complaints } = decode(fileOf(messages));
  return verdict(pictures === wanted && complaints === '', `${pictures} of ${wanted} pictures ${complaints}`);
}

const MESSAGES: readonly Fact[] = [
  recordingFact(
    {
      id: '2.1/uncompressed',
      what: 'a client that offers compression',
      expected: 'is not given it (original: deflates H.264)',
    },
    ({ extensions }) => [extensions === '', extensions === '' ? 'no extension' : extensions],
  ),
  recordingFact(
    { id: '2.1/binary', what: 'messages to a client that says nothing', expected: 'all binary' },
    ({ hasOnlyBinary, first }) => [hasOnlyBinary, `${first.length} messages`],
  ),
  recordingFact(
    { id: '2.1/init', what: 'the first message', expected: 'an init segment alone: ftyp + moov' },
    ({ first }) => [first[0]?.boxes.join() === 'ftyp,moov', first[0]?.boxes],
  ),
  recordingFact(
    { id: '2.1/init-track', what: 'the init segment', expected: 'one track of avc1 with avcC, SPS and PPS' },
    ({ first }) => [first[0]?.init?.tracks === 1, first[0]?.init],
  ),
  recordingFact(
    {
      id: '4/codec',
      what: "the codec beside the player's fixed avc1.42E01E",
      expected: 'Baseline: avc1.42…',
    },
    ({ first }) => {
      const codec = first[0]?.init?.codec ?? '';
      return [codec.startsWith('avc1.42'), codec];
    },
  ),
  recordingFact(
    {
      id: '2.1/fragments',
      what: 'every further message',
      expected: 'one moof + mdat; a prft before it is additive',
    },
    ({ first }) => {
      const others = [...new Set(first.slice(1).map(({ boxes }) => boxes.join()))];
      return [others.every((boxes) => ['moof,mdat', 'prft,moof,mdat'].includes(boxes)), others];
    },
  ),
  recordingFact(
    { id: '2.1/samples', what: 'a fragment', expected: 'exactly 1 sample, offsets from its moof' },
    ({ first }) => {
      const fragments = fragmentsOf(first);
      const isRight = fragments.every(({ samples, isDefaultBaseMoof }) => samples === 1 && isDefaultBaseMoof);
      return [isRight && fragments.length === first.length - 1, fragments[0]];
    },
  ),
  recordingFact(
    { id: '2.1/order', what: 'numbers and times of fragments', expected: 'each greater than the one before' },
    ({ first }) => {
      const fragments = fragmentsOf(first);
      const isRight = fragments.every(({ sequence, time }, index) => {
        const before = fragments[index - 1];
        return before === undefined || (sequence > before.sequence && time > before.time);
      });
      return [isRight, fragments.slice(0, 4).map(({ sequence, time }) => [sequence, time])];
    },
  ),
  recordingFact(
    { id: '2.1/start', what: "the first client's first fragment", expected: 'time 0, a sync sample' },
    ({ first }) => {
      const [start] = fragmentsOf(first);
      return [start?.time === 0 && start.isSync, start];
    },
  ),
  recordingFact(
    {
      id: '2.1/later-init',
      what: "a later client's first message",
      expected: 'the same init segment, byte for byte',
    },
    ({ first, later }) => {
      const [one, other] = [first[0]?.bytes, later[0]?.bytes];
      return [one !== undefined && other?.equals(one) === true, `${one?.length} and ${other?.length} bytes`];
    },
  ),
  recordingFact(
    {
      id: '2.1/later-start',
      what: "a later client's first fragment",
      expected: 'a sync sample at a time above 0, as the first client has it',
    },
    ({ first, later }) => {
      const [start] = fragmentsOf(later);
      const known = fragmentsOf(first).find(({ time }) => time === start?.time);
      return [start?.isSync === true && start.time > 0 && known?.sequence === start.sequence, start];
    },
  ),
  recordingFact(
    { id: '2.1/again', what: 'a client after all others have gone', expected: 'starts at time 0 again' },
    ({ again }) => {
      const [start] = fragmentsOf(again);
      return [start?.time === 0 && start.isSync, start];
    },
  ),
  recordingFact(
    { id: '2.1/decodes', what: 'all messages as a file', expected: 'decodes without complaints' },
    ({ first }) => decoded(first, first.length - 1),
  ),
  recordingFact(
    {
      id: '4/dropped',
      what: 'a player that throws fragments away',
      expected: 'decodes again from the next sync sample',
    },
    ({ first }) => {
      const sync = first.findIndex(({ fragment }, index) => index > 5 && fragment?.isSync === true);
      if (sync === -1) return skipped(`no second sync sample among ${first.length} messages`);
      const kept = [...first.slice(0, 4), ...first.slice(sync)];
      return decoded(kept, kept.length - 1);
    },
  ),
];

/** How a handshake that cannot be met ends. */
function refusal(id: string, what: string, path: string, status: number, original: string): Fact {
  return {
    id: `2.1/${id}`,
    what,
    expected: `the handshake is refused with ${status} (original: ${original})`,
    check: async (session) => {
      using client = new SocketRecorder(session.socketUrl(path));
      await client.until(() => client.messages.length > 0, 'An end');
      return verdict(client.refusedWith === status, `${client.refusedWith ?? 'opened'}`);
    },
  };
}

/** Whether a client at this path is sent video. */
function plays(fact: Omit<Fact, 'check'>, path: string, headers: Record<string, string> = {}): Fact {
  return {
    ...fact,
    check: async (session) => {
      using client = new SocketRecorder(session.socketUrl(path), headers);
      await client.more(3);
      const [init] = client.messages.map(videoMessage);
      return verdict(init?.init !== undefined, shown(init?.init));
    },
  };
}

const CLIENTS: readonly Fact[] = [
  refusal('unknown-camera', 'a camera that is not there', '/cameras/NOPE/streams/CAM_A/video', 404, '1006'),
  refusal('unknown-stream', 'a stream that is not there', '/cameras/{mxid}/streams/CAM_H/video', 404, '1006'),
  refusal(
    'invalid-stream',
    'a name that no stream can have',
    '/cameras/{mxid}/streams/front/video',
    422,
    '403',
  ),
  plays(
    { id: '2.1/camera', what: 'the path of the guide', expected: 'video (original: only below /cameras/)' },
    '/camera/{mxid}/streams/{stream}/video',
  ),
  plays(
    { id: '2.1/sensors', what: 'the path of old examples', expected: 'video (original: none)' },
    '/cameras/{mxid}/sensors/{stream}/video',
  ),
  plays({ id: '2.1/query', what: 'a query', expected: 'is ignored' }, `${video}?token=1`),
  plays(
    { id: '2.1/origin', what: "another site's page", expected: 'video, while CORS allows every origin' },
    video,
    {
      origin: 'http://studio.example',
    },
  ),
  {
    id: '2.1/deaf',
    what: 'a client that sends text and bytes',
    expected: 'its messages change nothing',
    check: async (session) => {
      using client = new SocketRecorder(session.socketUrl(video));
      await client.more(2);
      client.socket.send('{"hello":"there"}');
      client.socket.send(Buffer.from([1, 2, 3]));
      await client.more(10);
      const texts = client.messages.filter(({ isBinary }) => !isBinary).length;
      return verdict(texts === 0, `${client.messages.length} messages, ${texts} of them text`);
    },
  },
];

/** A size that the stream does not have now, as its configuration names it. */
async function otherResolution(session: Session, config: unknown): Promise<unknown> {
  const present = field(config, 'resolution');
  const { json } = await session.request(`${stream}/config/available`);
  const available = Array.isArray(json)
    ? json.map((mode) => [field(mode, 'width'), field(mode, 'height')])
    : [];
  if (Array.isArray(present)) return available.find((size) => size.join() !== present.join());
  return Object.entries(COLOUR_RESOLUTIONS).find(
    ([name, size]) => name !== present && available.some((other) => other.join() === size.join()),
  )?.[0];
}

const RECONFIGURATION: readonly Fact[] = [
  {
    id: '2.1/reconfigured',
    what: 'two clients while the resolution changes',
    expected: 'both stay: a new init segment, then a sync sample (original: 1006, or silence for ever)',
    check: async (session) => {
      const config = (await session.request(`${stream}/config`)).json;
      const resolution = await otherResolution(session, config);
      if (resolution === undefined) return skipped(`${shown(config)} is the only one`);
      using one = new SocketRecorder(session.socketUrl(video));
      using two = new SocketRecorder(session.socketUrl(video));
      await Promise.all([one.more(5), two.more(5)]);
      const answer = await session.postJson(`${stream}/config`, { ...Object(config), resolution });
      const seen = answer.status === 200 ? await Promise.all([one, two].map(afterNewInit)) : [];
      await session.postJson(`${stream}/config`, config);
      const isRight = seen.length === 2 && seen.every((next) => next?.fragment?.isSync === true);
      return verdict(
        isRight,
        `${answer.status} ${shown(answer.text, 80)}; ${shown(seen.map((next) => next?.fragment))}`,
      );
    },
  },
  {
    id: '2.1/other-stream',
    what: 'a client while another stream of the camera goes and comes',
    expected: 'goes on (original: every stream of the camera restarts)',
    check: async (session) => {
      if (session.streams.length < 2) return skipped('the camera has one stream');
      using client = new SocketRecorder(session.socketUrl(video));
      await client.more(3);
      const other = '/cameras/{mxid}/streams/{other}/';
      const off = await session.request(other, { method: 'DELETE' });
      const on = await session.request(other, { method: 'POST' });
      await client.more(10);
      const inits = client.messages.map(videoMessage).filter(({ init }) => init !== undefined).length;
      return verdict(
        off.status === 202 && on.status === 201 && inits === 1,
        `${off.status}, ${on.status}, ${inits} init segments`,
      );
    },
  },
  {
    id: '2.1/deactivated',
    what: 'a client whose stream is deactivated',
    expected: 'its socket closes, and new ones are refused with 404 or 409 until it is activated again',
    check: async (session) => {
      using client = new SocketRecorder(session.socketUrl(video));
      await client.more(3);
      const off = await session.request(`${stream}/`, { method: 'DELETE' });
      if (off.status === 202) await client.closed();
      using refused = new SocketRecorder(session.socketUrl(video));
      await refused.until(() => refused.messages.length > 0, 'An end');
      await session.request(`${stream}/`, { method: 'POST' });
      using again = new SocketRecorder(session.socketUrl(video));
      await again.more(3);
      const isRight = client.closeCode !== undefined && [404, 409].includes(refused.refusedWith ?? 0);
      return verdict(
        isRight,
        `${off.status}, closed with ${client.closeCode}, refused with ${refused.refusedWith}`,
      );
    },
  },
];

/** The message after the second init segment. */
async function afterNewInit(client: SocketRecorder): Promise<VideoMessage | undefined> {
  const place = (): number =>
    client.messages.map(videoMessage).findIndex(({ init }, index) => index > 0 && init !== undefined);
  await client.until(() => {
    const at = place();
    return at !== -1 && client.messages.length > at + 1;
  }, 'A new init segment');
  const next = client.messages[place() + 1];
  return next && videoMessage(next);
}

/** §2.1 and §4: the video socket, and what Studio's player needs of it. */
export const VIDEO: readonly Fact[] = [...MESSAGES, ...CLIENTS, ...RECONFIGURATION];
