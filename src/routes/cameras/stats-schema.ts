import { Type } from '../../core/schema.ts';
import { STREAM_STATES, type StreamStats } from '../../streams/stream-stats.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });

const Reader = Type.Object({
  id: Type.Integer(),
  transport: Type.String({ description: 'What it reads through: `websocket`, …' }),
  state: Type.Enum(['waiting-for-sync', 'flowing', 'lagging']),
  connectedMs: Type.Number({ description: 'Since it joined, in milliseconds.' }),
  unitsSent: count('Access units it was given.'),
  bytesSent: count('Bytes it was given.'),
  queuedUnits: count('Access units waiting for it.'),
  queuedBytes: count('Bytes waiting for it.'),
  unitsDropped: count('Access units it did not get because it was too slow.'),
  lags: count('How often it fell back to the newest sync sample.'),
});

const stream = {
  state: Type.Enum(STREAM_STATES),
  problem: Type.Optional(
    Type.Object({ code: Type.String(), message: Type.String() }, { description: 'Why it is not live.' }),
  ),
  encoder: Type.Optional(
    Type.Object({ codec: Type.String(), pid: Type.Integer() }, { description: 'The encoder that runs.' }),
  ),
  codec: Type.Optional(Type.String({ description: 'Codec of the stream, such as `avc1.42C01F`.' })),
  width: Type.Optional(Type.Integer({ description: 'Pixels.' })),
  height: Type.Optional(Type.Integer({ description: 'Pixels.' })),
  frameRate: Type.Number({ description: 'Access units per second over the last two seconds.' }),
  bitrateKbps: Type.Number({ description: 'kbit/s over the last two seconds.' }),
  epoch: count('Changes of the decoder configuration.'),
  units: count('Access units since the service started.'),
  bytes: count('Bytes of them.'),
  starts: count('How often the stream was started.'),
  restarts: count('How often source or encoder was restarted after a failure.'),
  picturesCaptured: count('Pictures the running source has delivered.'),
  picturesLost: count('Pictures lost before they reached the service.'),
  picturesSkipped: count('Pictures left out because the encoder was busy.'),
  gopCache: Type.Object({
    units: count('Access units kept for late readers.'),
    bytes: count('Bytes of them.'),
  }),
  readerLosses: Type.Object(
    {
      lags: count('How often one fell back to the newest sync sample.'),
      unitsDropped: count('Access units they did not get.'),
    },
    { description: 'What all readers, present and past, have lost by being too slow.' },
  ),
  readers: Type.Array(Reader, { description: 'Who reads now.' }),
};

/** Figures of a sensor's video stream, and beside them those of its JPEG stream. */
export interface SensorStats extends StreamStats {
  readonly jpeg: StreamStats;
}
// Typed by the domain's interface, whose lists are readonly as those of `Static` are not.
export const SensorStats = Type.Unsafe<SensorStats>(
  Type.Object(
    { ...stream, jpeg: Type.Object(stream, { description: 'The JPEG stream of the same sensor.' }) },
    { $id: 'SensorStats' },
  ),
);
