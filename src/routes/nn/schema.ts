import { Type } from '../../core/schema.ts';
import { ENGINE_STATES, MODEL_TYPES, type InferenceStats as Stats } from '../../inference/index.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });

export const Nothing = Type.Unsafe<null>({ type: 'null', description: 'Done.' });

/** A model's configuration as a client sent it; docs/inference.md describes every field. */
export const NnConfig = Type.Unsafe<Readonly<Record<string, unknown>>>({
  $id: 'NnConfig',
  type: 'object',
  description: "A model's configuration; docs/inference.md describes every field.",
  properties: { type: Type.Enum([...MODEL_TYPES, 'MobileNetSSD']) },
  required: ['type'],
});

export const Deployed = Type.Unsafe<Readonly<Record<string, unknown>> | null>({
  description: 'The configuration as it was sent.',
  anyOf: [{ $ref: 'NnConfig#' }, { type: 'null' }],
});

/** The form is read as it arrives and validated by who reads it; this is for the document, and takes "not read yet". */
export const ModelForm = Type.Unsafe<unknown>({
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        nullable: true,
        properties: {
          model: {
            type: 'string',
            contentMediaType: 'application/octet-stream',
            description: 'The ONNX file.',
          },
          config: {
            type: 'string',
            contentMediaType: 'application/json',
            description: 'Its configuration (NnConfig) as JSON; without it `{"type":"Generic"}`.',
          },
          nn_config: { type: 'string', description: 'Another name for `config`.' },
        },
        required: ['model'],
      },
    },
  },
});

const Durations = Type.Object({
  p50: Type.Number({ description: 'Median.' }),
  p95: Type.Number({ description: '95th percentile.' }),
  max: Type.Number({ description: 'Longest.' }),
});
const durations = (description: string) => Type.Optional(Type.Object(Durations.properties, { description }));

// Typed by the domain's interface, whose lists are readonly as those of `Static` are not.
export const InferenceStats = Type.Unsafe<Stats>(
  Type.Object(
    {
      state: Type.Enum(ENGINE_STATES, {
        description:
          '`idle` while nobody reads results; `loading`; `ready` to run; `backoff` before it is loaded again.',
      }),
      problem: Type.Optional(
        Type.Object(
          { code: Type.String(), message: Type.String() },
          { description: 'Why there are no results.' },
        ),
      ),
      model: Type.Optional(
        Type.Object(
          {
            input: Type.Object({
              name: Type.String(),
              width: Type.Integer({ description: 'Pixels.' }),
              height: Type.Integer({ description: 'Pixels.' }),
              channels: Type.Integer(),
              layout: Type.Enum(['NCHW', 'NHWC']),
              dataType: Type.Enum(['float32', 'float16', 'uint8', 'int8']),
            }),
            outputs: Type.Array(
              Type.Object({
                name: Type.String(),
                shape: Type.Array(Type.Union([Type.Number(), Type.String()])),
              }),
            ),
            executionProvider: Type.String({ description: 'Where it runs: `cpu`, `cuda`, …' }),
            threads: count('That it runs in.'),
          },
          { description: 'What the file says, while it is loaded.' },
        ),
      ),
      readers: count('Who reads results now.'),
      results: count('Results since the service started.'),
      dropped: count('Pictures left out because the model was busy, or for `fps`.'),
      errors: count('Pictures on which the model failed.'),
      skipped: count('Results that readers did not get because they were too slow.'),
      reloads: count('How often the model was loaded anew because it failed.'),
      inferenceMs: durations('What the runtime took for the last 1000 results, in milliseconds.'),
      overheadMs: durations('All that was done for a picture besides, in milliseconds.'),
      queueMs: durations('Age of the picture when the work on it began, in milliseconds.'),
    },
    { $id: 'InferenceStats' },
  ),
);
