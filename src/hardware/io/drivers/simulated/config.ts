import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';

const strict = { additionalProperties: false } as const;

const times = {
  afterMs: Type.Integer({
    minimum: 0,
    maximum: 86_400_000,
    description: 'When it begins, in milliseconds after the start.',
  }),
  durationMs: Type.Integer({
    minimum: 1,
    maximum: 86_400_000,
    description: 'How long it lasts, in milliseconds.',
  }),
};

export const SimulatedBoardConfig = Type.Object(
  {
    enabled: Type.Enum(['auto', 'always', 'never'], {
      default: 'auto',
      description: 'When it is there. `auto`: while no other driver is configured.',
    }),
    faults: Type.Array(
      Type.Union(
        [
          Type.Object(
            { kind: Type.Literal('vanish'), ...times },
            { ...strict, description: 'The board is unplugged, and comes back after the duration.' },
          ),
          Type.Object(
            { kind: Type.Literal('silent'), ...times },
            { ...strict, description: 'Calls are not answered, as on a broken bus.' },
          ),
          Type.Object(
            { kind: Type.Literal('refuse'), ...times },
            { ...strict, description: 'Writes fail after they may have had an effect.' },
          ),
        ],
        { description: 'A fault to rehearse.' },
      ),
      { maxItems: 100, default: [], description: 'Faults it rehearses.' },
    ),
  },
  { ...strict, description: 'The built-in simulated board.' },
);
export type SimulatedBoardConfig = DeepReadonly<Static<typeof SimulatedBoardConfig>>;
