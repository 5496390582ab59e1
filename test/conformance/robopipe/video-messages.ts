import { spawnSync } from 'node:child_process';
import { decode } from '../../support/decode.ts';
import { type Fact, shown, skipped, type Verdict, verdict } from './fact.ts';
import type { VideoMessage } from './video-message.ts';
import { type Recording, recorded } from './video-recording.ts';

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
  return verdict(
    pictures === wanted && complaints === '',
    `${pictures} of ${wanted} pictures ${shown(complaints)}`.trim(),
  );
}

/** §2.1 and §4: what clients of the video socket are sent. */
export const VIDEO_MESSAGES: readonly Fact[] = [
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
    {
      id: '2.1/init-track',
      what: 'the init segment',
      expected: 'one track of avc1 with avcC, SPS and PPS; mvex, no edit list',
    },
    ({ first }) => {
      const init = first[0]?.init;
      return [init?.tracks === 1 && init.isFragmented && !init.hasEditList, init];
    },
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
