import { type Static, Type } from '../../core/schema.ts';
import { CONTROL_TYPES, type SensorInfo } from '../../hardware/cameras/camera.ts';
import { STREAM_STATES, type StreamState } from '../../streams/stream-stats.ts';

export const CameraParams = Type.Object({
  mxid: Type.String({ pattern: '^[A-Z0-9]+$', description: "The camera's id, from `GET /cameras/`." }),
});

export const SensorParams = Type.Object({
  ...CameraParams.properties,
  sensor: Type.String({
    pattern: '^(CAM_[A-H]|DEPTH_[A-H]_[A-H])$',
    description: "The stream's name, from `GET /cameras/{mxid}/streams/`.",
  }),
});

export const RefreshQuery = Type.Object({
  boot: Type.Optional(
    Type.Unsafe<unknown>({
      description:
        'Accepted for compatibility, and ignored: cameras start by themselves when somebody watches.',
    }),
  ),
});

const active = Type.Boolean({
  description: 'Whether it can be opened: neither deactivated nor of a camera that was closed.',
});
const state = Type.Enum(STREAM_STATES, { description: 'What it does now; `idle` while nobody watches.' });
const streamName = Type.String({ description: '`CAM_A`, `CAM_B`, …' });

const StreamMap = Type.Record(Type.String({ pattern: '^[A-Z_]+$' }), Type.Object({ active }), {
  description: 'By name, when `compatibility.streamList` is `object`.',
});
const StreamArray = Type.Array(Type.Object({ name: streamName, active }), {
  description: 'In order, when `compatibility.streamList` is `array`.',
});
export const StreamList = Type.Union([StreamMap, StreamArray], { $id: 'StreamList' });
export type StreamList = Static<typeof StreamList>;

const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64, description }));
// Unknown fields are let through on purpose, as the Robopipe API does.
export const StreamChange = Type.Object({
  activate: names('Streams to activate.'),
  deactivate: names('Streams to deactivate.'),
});
/** The list that Robopipe's later clients read. */
export const StreamStates = Type.Array(
  Type.Object({
    name: streamName,
    active,
    replay: Type.Boolean({ description: 'Whether a file is shown instead of the sensor; always false.' }),
  }),
);

const FrameInterval = Type.Object(
  { numerator: Type.Integer(), denominator: Type.Integer() },
  { description: 'Seconds per frame, as a fraction.' },
);
const FrameSize = Type.Union([
  Type.Object({
    kind: Type.Literal('discrete'),
    width: Type.Integer(),
    height: Type.Integer(),
    frameIntervals: Type.Array(FrameInterval),
  }),
  Type.Object({
    kind: Type.Literal('stepwise'),
    minWidth: Type.Integer(),
    maxWidth: Type.Integer(),
    stepWidth: Type.Integer(),
    minHeight: Type.Integer(),
    maxHeight: Type.Integer(),
    stepHeight: Type.Integer(),
  }),
]);
const SensorFormat = Type.Object({
  pixelFormat: Type.String({ description: "The driver's four characters, such as `MJPG`." }),
  description: Type.String(),
  frameSizes: Type.Array(FrameSize),
});
export const SensorControl = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  type: Type.Enum(CONTROL_TYPES),
  minimum: Type.Number(),
  maximum: Type.Number(),
  step: Type.Number(),
  defaultValue: Type.Number(),
  value: Type.Optional(Type.Union([Type.Number(), Type.String()])),
  menu: Type.Optional(Type.Array(Type.Object({ index: Type.Integer(), label: Type.String() }))),
  flags: Type.Array(Type.Enum(['disabled', 'grabbed', 'read-only', 'inactive', 'volatile', 'write-only'])),
});

/** One sensor with everything its driver tells of it. */
export interface StreamInfo extends Omit<SensorInfo, 'node'> {
  readonly active: boolean;
  readonly state: StreamState;
}
// Typed by the domain's interface, whose lists are readonly as those of `Static` are not.
export const StreamInfo = Type.Unsafe<StreamInfo>(
  Type.Object(
    {
      name: streamName,
      active,
      state,
      label: Type.String({ description: 'What people call it.' }),
      isColour: Type.Boolean(),
      formats: Type.Array(SensorFormat, { description: 'What the sensor can deliver.' }),
      controls: Type.Array(SensorControl, {
        description: "The sensor's controls, as its driver describes them.",
      }),
    },
    { $id: 'StreamInfo' },
  ),
);
