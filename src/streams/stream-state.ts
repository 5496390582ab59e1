import type { StreamState } from './stream-stats.ts';

/**
 * Where a stream is in its life. Pure: `stream.ts` performs the effects and owns the timers.
 *
 * `attempt` counts failures in a row since the stream last worked well; `wasLive` tells whether it has given a
 * unit since it left idle. A stream that cannot start gives up and tells its readers why; one that was live tries
 * for as long as somebody reads it.
 */
export interface StreamSituation {
  readonly state: StreamState;
  readonly isWanted: boolean;
  readonly wasLive: boolean;
  readonly attempt: number;
}

export type StreamInput =
  /** Somebody reads, or nobody does any more (after the linger time). */
  | { readonly kind: 'wanted' }
  | { readonly kind: 'unwanted' }
  /** An access unit arrived. */
  | { readonly kind: 'unit' }
  /** Units have come without trouble for a while. */
  | { readonly kind: 'steady' }
  /** Nothing arrived within the stall time. */
  | { readonly kind: 'silent' }
  /** The encoder ended: the source is still good. */
  | { readonly kind: 'encoder-failed' }
  /** The source ended or would not open. */
  | { readonly kind: 'source-failed' }
  /** The source was taken away to be opened anew; a retry follows. */
  | { readonly kind: 'source-replaced' }
  /** The wait before another attempt is over, or the camera has come back. */
  | { readonly kind: 'retry' }
  /** All that was open is closed. */
  | { readonly kind: 'closed' };

export type StreamEffect =
  /** Open what is not open: source, then encoder. */
  | 'open'
  /** Close the encoder only. */
  | 'close-encoder'
  /** Close encoder and source; ends in the input `closed` when the state is stopping. */
  | 'close'
  /** Tell the readers that the stream cannot start, and let go of them. */
  | 'give-up';

export interface StreamStep {
  readonly situation: StreamSituation;
  readonly effects: readonly StreamEffect[];
}

/** Failures in a row after which a stream that never was live gives up. */
export const START_ATTEMPTS = 3;

export const IDLE: StreamSituation = { state: 'idle', isWanted: false, wasLive: false, attempt: 0 };

/** The next situation and what to do about it. An input that means nothing in a state changes nothing. */
export function transition(now: StreamSituation, input: StreamInput): StreamStep {
  const stay: StreamStep = { situation: now, effects: [] };
  switch (input.kind) {
    case 'wanted':
      if (now.state === 'idle') return start();
      return { situation: { ...now, isWanted: true }, effects: [] };
    case 'unwanted':
      if (now.state === 'idle' || now.state === 'stopping') {
        return { situation: { ...now, isWanted: false }, effects: [] };
      }
      return stop(false, ['close']);
    case 'unit':
      if (now.state !== 'starting' && now.state !== 'stalled') return stay;
      return { situation: { ...now, state: 'live', wasLive: true }, effects: [] };
    case 'steady':
      return now.state === 'live' ? { situation: { ...now, attempt: 0 }, effects: [] } : stay;
    case 'silent':
      return isRunning(now.state) ? failed(now, 'stalled', 'close') : stay;
    case 'encoder-failed':
      return isRunning(now.state) ? failed(now, 'backoff', 'close-encoder') : stay;
    case 'source-failed':
      return isRunning(now.state) ? failed(now, 'backoff', 'close') : stay;
    case 'source-replaced':
      return isRunning(now.state) ? { situation: { ...now, state: 'backoff' }, effects: ['close'] } : stay;
    case 'retry':
      if (now.state === 'backoff') return { situation: { ...now, state: 'starting' }, effects: ['open'] };
      return now.state === 'stalled' ? { situation: now, effects: ['open'] } : stay;
    case 'closed':
      if (now.state !== 'stopping') return stay;
      return now.isWanted ? start() : { situation: IDLE, effects: [] };
    default:
      return input satisfies never;
  }
}

function isRunning(state: StreamState): boolean {
  return state === 'starting' || state === 'live' || state === 'stalled';
}

function start(): StreamStep {
  return { situation: { state: 'starting', isWanted: true, wasLive: false, attempt: 0 }, effects: ['open'] };
}

function stop(isWanted: boolean, effects: readonly StreamEffect[]): StreamStep {
  return { situation: { ...IDLE, state: 'stopping', isWanted }, effects };
}

function failed(now: StreamSituation, state: 'stalled' | 'backoff', close: StreamEffect): StreamStep {
  const attempt = now.attempt + 1;
  if (!now.wasLive && attempt >= START_ATTEMPTS) return stop(false, ['give-up', 'close']);
  return { situation: { ...now, state, attempt }, effects: [close] };
}
