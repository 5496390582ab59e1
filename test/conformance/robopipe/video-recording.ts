import type { Session } from './session.ts';
import { SocketRecorder } from './socket-recorder.ts';
import { type VideoMessage, videoMessage } from './video-message.ts';

/** The socket of the stream's video. */
export const VIDEO_PATH = '/cameras/{mxid}/streams/{stream}/video';

/** What a first client, one who comes later, and one who comes when both have gone were sent. */
export interface Recording {
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
export function recorded(session: Session): Promise<Recording> {
  const known = session.kept(RECORDING) as Promise<Recording> | undefined; // kept below and nowhere else
  const recording = known ?? record(session);
  session.keep(RECORDING, recording);
  return recording;
}

async function record(session: Session): Promise<Recording> {
  const url = session.socketUrl(VIDEO_PATH);
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
