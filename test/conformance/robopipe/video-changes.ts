import { type Fact, shown, skipped, verdict } from './fact.ts';
import { field, type Session } from './session.ts';
import { COLOUR_RESOLUTIONS } from './shapes.ts';
import { SocketRecorder } from './socket-recorder.ts';
import { type VideoMessage, videoMessage } from './video-message.ts';
import { VIDEO_PATH } from './video-recording.ts';

const stream = '/cameras/{mxid}/streams/{stream}';

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

/** §2.1: clients of the video socket while the camera changes. */
export const VIDEO_CHANGES: readonly Fact[] = [
  {
    id: '2.1/reconfigured',
    what: 'two clients while the resolution changes',
    expected: 'both stay: a new init segment, then a sync sample (original: 1006, or silence for ever)',
    check: async (session) => {
      const config = (await session.request(`${stream}/config`)).json;
      const resolution = await otherResolution(session, config);
      if (resolution === undefined) return skipped(`${shown(config)} is the only one`);
      using one = new SocketRecorder(session.socketUrl(VIDEO_PATH));
      using two = new SocketRecorder(session.socketUrl(VIDEO_PATH));
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
      using client = new SocketRecorder(session.socketUrl(VIDEO_PATH));
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
      using client = new SocketRecorder(session.socketUrl(VIDEO_PATH));
      await client.more(3);
      const off = await session.request(`${stream}/`, { method: 'DELETE' });
      if (off.status === 202) await client.closed();
      using refused = new SocketRecorder(session.socketUrl(VIDEO_PATH));
      await refused.until(() => refused.messages.length > 0, 'An end');
      await session.request(`${stream}/`, { method: 'POST' });
      using again = new SocketRecorder(session.socketUrl(VIDEO_PATH));
      await again.more(3);
      const isRight = client.closeCode !== undefined && [404, 409].includes(refused.refusedWith ?? 0);
      return verdict(
        isRight,
        `${off.status}, closed with ${client.closeCode}, refused with ${refused.refusedWith}`,
      );
    },
  },
];
