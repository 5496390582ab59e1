import { type DeepReadonly, type Static, Type } from '../../../../core/schema.ts';

export const ModbusConfig = Type.Object(
  {
    kind: Type.Literal('modbus'),
    folder: Type.String({
      minLength: 1,
      maxLength: 4096,
      description:
        "Folder with evok's `config.yaml` and `hw_definitions/`. `CONTROLLER_CONFIG` names one, too.",
    }),
  },
  { additionalProperties: false, description: 'Modbus TCP and RTU devices as Unipi and evok describe them.' },
);
export type ModbusConfig = DeepReadonly<Static<typeof ModbusConfig>>;
