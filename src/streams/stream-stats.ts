/** States of a stream, the same words in code, REST, logs and the page. */
export const STREAM_STATES = ['idle', 'starting', 'live', 'stalled', 'backoff', 'stopping'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

/** One reader's figures. Times in milliseconds, sizes in bytes. */
export interface ReaderStats {
  readonly id: number;
  /** The transport it reads through: `websocket`, … */
  readonly transport: string;
  readonly state: 'waiting-for-sync' | 'flowing' | 'lagging';
  readonly connectedMs: number;
  readonly unitsSent: number;
  readonly bytesSent: number;
  readonly queuedUnits: number;
  readonly queuedBytes: number;
  /** Access units this reader did not get because it was too slow. */
  readonly unitsDropped: number;
  /** How often it fell back to the newest sync sample. */
  readonly lags: number;
}

/** A stream's figures since the service started, and its present readers. */
export interface StreamStats {
  readonly state: StreamState;
  /** Why the stream is not live, where there is a reason: an error's code and message. */
  readonly problem?: { readonly code: string; readonly message: string };
  readonly encoder?: { readonly codec: string; readonly pid: number };
  readonly codec?: string;
  readonly width?: number;
  readonly height?: number;
  /** Access units per second and kbit/s over the last two seconds. */
  readonly frameRate: number;
  readonly bitrateKbps: number;
  readonly epoch: number;
  readonly units: number;
  readonly bytes: number;
  readonly starts: number;
  readonly restarts: number;
  readonly picturesCaptured: number;
  readonly picturesLost: number;
  readonly picturesSkipped: number;
  readonly gopCache: { readonly units: number; readonly bytes: number };
  /** What all readers, present and past, have lost by being too slow. */
  readonly readerLosses: { readonly lags: number; readonly unitsDropped: number };
  readonly readers: readonly ReaderStats[];
}
