import { Type } from '../../core/schema.ts';
import type { SensorConfig } from '../../hardware/cameras/modes/index.ts';
import { RESIZE_MODES } from '../../media/image-scale.ts';

const pair = (item: object, description: string) =>
  Type.Unsafe<readonly [number, number]>({
    type: 'array',
    items: item,
    minItems: 2,
    maxItems: 2,
    description,
  });
const size = (description: string) => pair({ type: 'integer' }, `Width and height in pixels. ${description}`);
const isUnknown = '`[0, 0]` while it is not known: what ffmpeg reads tells it once it is open.';
const resizeMode = Type.Enum(RESIZE_MODES, { description: 'How stills fit their size; CROP unless set.' });

// Typed by the domain's interface, whose lists are readonly as those of `Static` are not.
export const SensorConfigSchema = Type.Unsafe<SensorConfig>(
  Type.Object(
    {
      resolution: Type.Union([
        Type.String({ description: "Robopipe's name, such as `THE_720_P`, where the size has one." }),
        size(isUnknown),
      ]),
      fps: Type.Number({ description: 'Pictures per second; 0 while it is not known.' }),
      video_size: Type.Optional(size(isUnknown)),
      still_size: Type.Optional(size('Of stills; that of the video unless set.')),
      preview_size: Type.Optional(size('Remembered, and without effect.')),
      sensor_crop: Type.Optional(pair({ type: 'number' }, 'Remembered, and without effect.')),
      resize_mode: Type.Optional(resizeMode),
    },
    {
      $id: 'SensorConfig',
      description:
        'Colour sensors in a mode with a name have every field but `resize_mode`; mono sensors `resolution` and ' +
        '`fps`; sensors in other modes everything but `sensor_crop` and `resize_mode`. What was set is there, too.',
    },
  ),
);

const lax = (description: string) => Type.Unsafe<unknown>({ description });

// Unknown fields are let through on purpose, as the Robopipe API does.
export const SensorConfigChange = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  description:
    'What is to change: absent and null fields, and those that say what is there already, change nothing. Numbers may ' +
    'be text, and sizes `"640,480"`.',
  properties: {
    resolution: lax("One of Robopipe's names, or `[width, height]`."),
    video_size: lax('`[width, height]` of the capture; the same as `resolution`.'),
    width: lax('Together with `height` the same as `video_size`.'),
    height: lax('See `width`.'),
    fps: lax('Pictures per second. The nearest rate that the sensor has is taken.'),
    still_size: lax('`[width, height]` of stills.'),
    preview_size: lax('`[width, height]`; remembered.'),
    sensor_crop: lax('`[x, y]` from 0 to 1; remembered.'),
    resize_mode: lax(`How stills fit their size: ${RESIZE_MODES.join(', ')}.`),
  },
});

export const AvailableModes = Type.Array(
  Type.Object({
    width: Type.Integer({ description: 'Pixels.' }),
    height: Type.Integer({ description: 'Pixels.' }),
    min_fps: Type.Number({ description: 'Pictures per second.' }),
    max_fps: Type.Number({ description: 'Pictures per second.' }),
  }),
  { description: 'Smallest first. Of a sensor that takes any size, the usual ones.' },
);
