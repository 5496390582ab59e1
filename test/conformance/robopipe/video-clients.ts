import { type Fact, shown, verdict } from './fact.ts';
import { SocketRecorder } from './socket-recorder.ts';
import { videoMessage } from './video-message.ts';
import { VIDEO_PATH } from './video-recording.ts';

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

/** §2.1: who may join, and who may not. */
export const VIDEO_CLIENTS: readonly Fact[] = [
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
  plays({ id: '2.1/query', what: 'a query', expected: 'is ignored' }, `${VIDEO_PATH}?token=1`),
  plays(
    { id: '2.1/origin', what: "another site's page", expected: 'video, while CORS allows every origin' },
    VIDEO_PATH,
    {
      origin: 'http://studio.example',
    },
  ),
  {
    id: '2.1/deaf',
    what: 'a client that sends text and bytes',
    expected: 'its messages change nothing',
    check: async (session) => {
      using client = new SocketRecorder(session.socketUrl(VIDEO_PATH));
      await client.more(2);
      client.socket.send('{"hello":"there"}');
      client.socket.send(Buffer.from([1, 2, 3]));
      await client.more(10);
      const texts = client.messages.filter(({ isBinary }) => !isBinary).length;
      return verdict(texts === 0, `${client.messages.length} messages, ${texts} of them text`);
    },
  },
];
