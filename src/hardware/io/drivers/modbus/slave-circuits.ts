import { channel, type ModbusCircuit, type SlavePlace } from './modbus-circuit.ts';
import { writeCoil } from './registers.ts';

/** What evok tells of a product: `device_info`. */
export interface DeviceInfo {
  readonly circuit: string;
  readonly family: string;
  readonly model: string;
  readonly sn: number | string | null;
  readonly boardCount: number;
}

/** The circuit `device_info`: from the configuration, and as healthy as the slave it is told with. */
export function deviceInfo(
  { circuit, family, model, sn, boardCount }: DeviceInfo,
  place: SlavePlace,
): ModbusCircuit {
  return {
    channel: channel('device_info', circuit, place, { direction: 'none', signal: 'none', at: model }),
    value: [],
    settings: [],
    reading: () => ({ level: { value: 0 }, details: { family, model, sn, board_count: boardCount } }),
  };
}

/** How a slave is reached, as evok shows it. */
export interface SlaveFacts {
  readonly modbusType: 'TCP' | 'RTU';
  /** Host name, or serial port. */
  readonly modbusSpec: string;
  readonly scanIntervalMs: number;
  /** Seconds since its last answer; undefined while it has given none. */
  lastAnswerAge(): number | undefined;
}

/** evok's way to say that a slave has never answered. */
const NEVER = 0x7fff_ffff;

/** The circuit `modbus_slave`; where the model has NV_SAVE, its setting `nv_save` makes the slave keep its settings. */
export function slaveCircuit(
  place: SlavePlace,
  facts: SlaveFacts,
  saveCoil: number | undefined,
): ModbusCircuit {
  return {
    channel: channel('modbus_slave', place.device, place, {
      direction: 'none',
      signal: 'none',
      at: facts.modbusSpec,
      settings: saveCoil === undefined ? [] : [{ name: 'nv_save', kind: 'boolean', isWritable: true }],
    }),
    value: [],
    settings: [],
    reading: () => ({
      level: { value: 0 },
      ...(saveCoil !== undefined && { settings: { nv_save: false } }),
      details: {
        last_comm: facts.lastAnswerAge() ?? NEVER,
        slave_id: place.slaveId,
        modbus_type: facts.modbusType,
        modbus_spec: facts.modbusSpec,
        scan_interval: facts.scanIntervalMs / 1000,
      },
    }),
    ...(saveCoil !== undefined && {
      configure: (settings) => (settings['nv_save'] === true ? [writeCoil(saveCoil, true)] : []),
    }),
  };
}
