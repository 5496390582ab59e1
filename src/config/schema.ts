import { type DeepReadonly, type Static, type TSchema, Type } from '../core/schema.ts';
import { CIRCUIT_NAME_PATTERN } from '../hardware/io/circuit.ts';
import { DriverConfig, SimulatedBoardConfig } from '../hardware/io/drivers/index.ts';
import { CircuitSettings, Interlocks } from '../hardware/io/settings.ts';
import { PIXEL_FORMATS } from '../media/picture.ts';

const strict = { additionalProperties: false } as const;

/** A mapping whose absence means the defaults of its keys. */
function section<T extends Record<string, TSchema>>(description: string, properties: T) {
  return Type.Object(properties, { ...strict, description });
}

/** The same key where leaving it out means "as elsewhere": optional and without a default of its own. */
function override<T extends TSchema>(schema: T) {
  const { default: _default, ...rest } = schema as T & { default?: unknown };
  return Type.Optional(rest as unknown as T); // the type of a schema does not tell of its default
}

const megabytes = (count: number): number => count * 1024 * 1024;

const captureKeys = {
  width: Type.Optional(
    Type.Integer({ minimum: 16, maximum: 16_384, description: 'Picture width in pixels.' }),
  ),
  height: Type.Optional(
    Type.Integer({ minimum: 16, maximum: 16_384, description: 'Picture height in pixels.' }),
  ),
  frameRate: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1000, description: 'Pictures per second.' })),
  pixelFormat: Type.Optional(Type.Enum(PIXEL_FORMATS, { description: 'Pixel format by its V4L2 name.' })),
};

const codec = Type.String({
  pattern: '^[a-z0-9_]+$',
  title: 'auto or the name of an ffmpeg encoder',
  default: 'auto',
  description:
    'H.264 encoder. `auto` takes the first that works: hardware, then libx264; else an ffmpeg encoder such as `libx264`.',
});
const bitrateKbps = Type.Integer({
  minimum: 0,
  maximum: 200_000,
  default: 0,
  description: 'Target bit rate in kbit/s; 0 encodes at constant quality instead.',
});
const quality = Type.Integer({
  minimum: 1,
  maximum: 51,
  default: 23,
  description: 'Constant-quality level, 1 is best; used when the bit rate is 0.',
});
const gopLength = Type.Integer({
  minimum: 0,
  maximum: 3000,
  default: 0,
  description: 'Pictures from one sync sample to the next; 1 makes every picture one, 0 means two seconds.',
});
const preset = Type.Enum(
  ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'],
  { default: 'ultrafast', description: 'libx264 speed; other encoders ignore it.' },
);
const profile = Type.Enum(['baseline', 'main', 'high'], {
  default: 'baseline',
  description: 'H.264 profile.',
});

const streams = section('Streams: defaults for every sensor.', {
  lingerMs: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 0,
    description: 'How long a stream goes on after its last reader has left, in milliseconds.',
  }),
  stallTimeoutMs: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 3000,
    description: 'Longest silence of a source or encoder before it is restarted, in milliseconds.',
  }),
  maxReaders: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 64,
    description: 'Most readers of one stream; a sensor has two, H.264 and JPEG.',
  }),
  gopCache: section('The group of pictures kept for readers who join later.', {
    maxBytes: Type.Integer({
      minimum: 0,
      maximum: megabytes(1024),
      default: megabytes(16),
      description: 'Largest group kept, in bytes; 0 keeps none.',
    }),
    maxMs: Type.Integer({
      minimum: 0,
      maximum: 600_000,
      default: 10_000,
      description: 'Longest group kept, in milliseconds; 0 keeps none.',
    }),
  }),
  reader: section('The queue of each reader. A reader that exceeds it continues at the newest sync sample.', {
    maxBytes: Type.Integer({
      minimum: 65_536,
      maximum: megabytes(1024),
      default: megabytes(8),
      description: 'Most bytes waiting for one reader.',
    }),
    maxMs: Type.Integer({
      minimum: 100,
      maximum: 600_000,
      default: 2000,
      description: 'Longest media time waiting for one reader, in milliseconds.',
    }),
  }),
  capture: section(
    'What is asked of a sensor. The nearest mode it has is taken; absent keys are its choice.',
    captureKeys,
  ),
  encoder: section('How pictures are encoded.', { codec, bitrateKbps, quality, gopLength, preset, profile }),
});

const afterMs = Type.Integer({
  minimum: 0,
  maximum: 86_400_000,
  description: 'When it happens, in milliseconds after the sensor was opened.',
});
const durationMs = Type.Integer({
  minimum: 1,
  maximum: 86_400_000,
  description: 'How long it lasts, in milliseconds.',
});
const fault = Type.Union(
  [
    Type.Object(
      { kind: Type.Literal('stall'), afterMs, durationMs },
      { ...strict, description: 'The sensor stays open and gives no pictures.' },
    ),
    Type.Object(
      { kind: Type.Literal('vanish'), afterMs, durationMs },
      { ...strict, description: 'The camera is unplugged, and comes back after the duration.' },
    ),
    Type.Object(
      {
        kind: Type.Literal('resize'),
        afterMs,
        width: Type.Integer({ minimum: 16, maximum: 4096, description: 'New width in pixels.' }),
        height: Type.Integer({ minimum: 16, maximum: 4096, description: 'New height in pixels.' }),
      },
      { ...strict, description: 'The pictures have another size from then on.' },
    ),
  ],
  { description: 'A fault to rehearse.' },
);

const light = (what: string) =>
  Type.Optional(
    Type.String({
      pattern: `^((do|ro|led|ao)/${CIRCUIT_NAME_PATTERN}|CAM_[A-H]/[a-z0-9_]{1,63})$`,
      title: 'an output as do/1_01, or a control as CAM_A/illuminator_1',
      description: `${what}, or a control of one of its sensors: on or off, or through the range of a number.`,
    }),
  );

const cameras = section('Cameras: which are looked for.', {
  v4l2: section('Cameras with a Linux kernel driver.', {
    enabled: Type.Boolean({ default: true, description: 'Whether they are looked for.' }),
  }),
  simulated: section('The built-in simulated camera.', {
    enabled: Type.Enum(['auto', 'always', 'never'], {
      default: 'auto',
      description: 'When it is shown. `auto`: while no other camera is present.',
    }),
    seed: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description: 'Chooses its landscape. The same seed and moment give the same picture.',
    }),
    faults: Type.Array(fault, {
      maxItems: 100,
      default: [],
      description: 'Faults it rehearses each time a sensor is opened.',
    }),
  }),
  url: Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$' }),
    Type.Object(
      {
        sensors: Type.Record(
          Type.String({ pattern: '^CAM_[A-H]$' }),
          Type.Object(
            {
              url: Type.String({
                minLength: 1,
                maxLength: 2048,
                description:
                  'Address or file: anything ffmpeg reads, such as `rtsp://user:password@host/path`.',
              }),
              inputOptions: Type.Array(Type.String({ maxLength: 1024 }), {
                maxItems: 64,
                default: [],
                description: "ffmpeg's options for this input, one word each: `[-rtsp_transport, tcp]`.",
              }),
              loop: Type.Boolean({
                default: false,
                description:
                  'Whether a file begins again at its end. Otherwise its end counts as a failure, after which it is opened again.',
              }),
            },
            { ...strict, description: 'One sensor.' },
          ),
          { ...strict, minProperties: 1, title: 'CAM_A to CAM_H', description: 'Its sensors.' },
        ),
      },
      { ...strict, description: 'One camera; the key is its name.' },
    ),
    {
      ...strict,
      default: {},
      title: 'a name of letters, digits, spaces and ._-',
      description: 'Network cameras and files, by name.',
    },
  ),
  sensors: Type.Record(
    Type.String({ pattern: '^[A-Z0-9]+/(CAM_[A-H]|DEPTH_[A-H]_[A-H])$' }),
    Type.Object(
      {
        label: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 100,
            description: 'What people call it. The driver names it when absent.',
          }),
        ),
        capture: Type.Optional(
          Type.Object(captureKeys, { ...strict, description: 'Keys that differ from `streams.capture`.' }),
        ),
        encoder: Type.Optional(
          Type.Object(
            {
              codec: override(codec),
              bitrateKbps: override(bitrateKbps),
              quality: override(quality),
              gopLength: override(gopLength),
              preset: override(preset),
              profile: override(profile),
            },
            { ...strict, description: 'Keys that differ from `streams.encoder`.' },
          ),
        ),
      },
      { ...strict, description: 'One sensor; the key is `<mxid>/<sensor>`.' },
    ),
    {
      ...strict,
      default: {},
      title: 'a sensor as MXID/CAM_A',
      description: 'Settings of single sensors, by camera and sensor.',
    },
  ),
  illuminators: Type.Record(
    Type.String({ pattern: '^[A-Z0-9]+$' }),
    Type.Object(
      {
        floodLight: light('The circuit of its even light'),
        dotProjector: light('The circuit of its light with a pattern'),
      },
      { ...strict, description: 'The lights of one camera; the key is its mxid.' },
    ),
    {
      ...strict,
      default: {},
      title: "a camera's mxid",
      description: 'Lights that belong to cameras, by mxid.',
    },
  ),
});

const io = section('Circuits: digital and analog inputs and outputs.', {
  drivers: Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$' }), DriverConfig, {
    ...strict,
    default: {},
    title: 'a name of letters, digits, spaces and ._-',
    description: 'What has the circuits, by name. Nothing is driven that is not named here.',
  }),
  controllerConfig: Type.String({
    maxLength: 4096,
    default: '',
    description:
      "Folder with evok's `config.yaml` and `hw_definitions/`; a Modbus driver named `controller` is made of it. `CONTROLLER_CONFIG` overrides it. Empty, or not there: none.",
  }),
  simulated: SimulatedBoardConfig,
  circuits: CircuitSettings,
  interlocks: Interlocks,
});

const inference = section('Models that run on pictures.', {
  maxModelBytes: Type.Integer({
    minimum: 65_536,
    maximum: megabytes(2048),
    default: megabytes(200),
    description: 'Largest model that may be deployed, in bytes.',
  }),
});

/** Everything that can be configured: types, validation and documentation in one. */
export const ConfigSchema = Type.Object(
  {
    server: section('The HTTP server.', {
      host: Type.String({
        minLength: 1,
        maxLength: 255,
        default: '127.0.0.1',
        description: 'Address to listen on; `0.0.0.0` for every network. `HOST` overrides it.',
      }),
      port: Type.Integer({
        minimum: 0,
        maximum: 65_535,
        default: 8080,
        description: 'TCP port; 0 takes a free one. `PORT` overrides it.',
      }),
      corsOrigins: Type.Array(
        Type.String({
          pattern: '^(\\*|https?://[^/\\s]+)$',
          title: '* or an origin such as https://example.org',
        }),
        {
          maxItems: 100,
          default: ['*'],
          description:
            'Origins whose pages may use the API; `*` is all. `CORS_ORIGINS` (comma list) overrides it.',
        },
      ),
      logLevel: Type.Enum(['debug', 'info', 'warn', 'error'], {
        default: 'info',
        description: 'Least important messages that are logged.',
      }),
    }),
    compatibility: section('Choices between versions of the Robopipe API.', {
      streamList: Type.Enum(['object', 'array'], {
        default: 'object',
        description: 'Shape of a camera\'s list of streams: `{"CAM_A": {…}}` or `[{"name": "CAM_A", …}]`.',
      }),
    }),
    ffmpeg: section('The ffmpeg program.', {
      path: Type.String({
        minLength: 1,
        maxLength: 4096,
        default: 'ffmpeg',
        description: 'Its path, or its name to find it on PATH.',
      }),
    }),
    state: section('What the service remembers over restarts.', {
      folder: Type.String({
        maxLength: 4096,
        default: '',
        description:
          'Folder it is kept in. Empty: `STATE_DIRECTORY` (which systemd sets), else `vidicon` in `XDG_STATE_HOME` or `~/.local/state`.',
      }),
    }),
    streams,
    cameras,
    inference,
    io,
  },
  strict,
);

/** A complete configuration: every default filled in. Never changes. */
export type Config = DeepReadonly<Static<typeof ConfigSchema>>;
