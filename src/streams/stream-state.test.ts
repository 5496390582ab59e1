import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IDLE, START_ATTEMPTS, type StreamInput, type StreamSituation, transition } from './stream-state.ts';
import type { StreamState } from './stream-stats.ts';

const live: StreamSituation = { state: 'live', isWanted: true, wasLive: true, attempt: 0 };
const starting: StreamSituation = { state: 'starting', isWanted: true, wasLive: false, attempt: 0 };
const stopping: StreamSituation = { state: 'stopping', isWanted: false, wasLive: false, attempt: 0 };

test.each<[string, StreamSituation, StreamInput['kind'], StreamState, readonly string[]]>([
  ['the first reader starts a stream', IDLE, 'wanted', 'starting', ['open']],
  ['the first unit makes it live', starting, 'unit', 'live', []],
  ['the last reader stops it', live, 'unwanted', 'stopping', ['close']],
  ['it stops while starting too', starting, 'unwanted', 'stopping', ['close']],
  ['it is idle once closed', stopping, 'closed', 'idle', []],
  [
    'a reader who comes while it stops starts it anew',
    { ...stopping, isWanted: true },
    'closed',
    'starting',
    ['open'],
  ],
  ['a failed encoder is replaced, the source goes on', live, 'encoder-failed', 'backoff', ['close-encoder']],
  ['a lost source is closed', live, 'source-failed', 'backoff', ['close']],
  ['silence is a stall', live, 'silent', 'stalled', ['close']],
  ['a wait ends with an attempt', { ...live, state: 'backoff', attempt: 1 }, 'retry', 'starting', ['open']],
  [
    'a stalled stream tries again and stays stalled',
    { ...live, state: 'stalled' },
    'retry',
    'stalled',
    ['open'],
  ],
  ['a stalled stream is live with the next unit', { ...live, state: 'stalled' }, 'unit', 'live', []],
  [
    'it gives up when it cannot start',
    { ...starting, attempt: START_ATTEMPTS - 1 },
    'source-failed',
    'stopping',
    ['give-up', 'close'],
  ],
  [
    'a source that is replaced on purpose is no failed start',
    { ...starting, attempt: START_ATTEMPTS - 1 },
    'source-replaced',
    'backoff',
    ['close'],
  ],
  ['it never gives up once it was live', { ...live, attempt: 99 }, 'source-failed', 'backoff', ['close']],
  ['a unit means nothing to an idle stream', IDLE, 'unit', 'idle', []],
])('%s', (_title, situation, kind, state, effects) => {
  const step = transition(situation, { kind });
  expect(step.situation.state).toBe(state);
  expect(step.effects).toEqual(effects);
});

test('attempts are forgotten once units have come steadily', () => {
  expect(transition({ ...live, attempt: 5 }, { kind: 'steady' }).situation.attempt).toBe(0);
});

test('whatever happens, a stream that nobody wants ends idle', () => {
  const kinds = [
    'wanted',
    'unwanted',
    'unit',
    'steady',
    'silent',
    'encoder-failed',
    'source-failed',
    'source-replaced',
    'retry',
    'closed',
  ] as const;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds)), (inputs) => {
      let situation = IDLE;
      for (const kind of [...inputs, 'unwanted', 'closed'] as const)
        situation = transition(situation, { kind }).situation;
      expect(situation).toEqual(IDLE);
    }),
  );
});
