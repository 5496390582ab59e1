import type { ChannelInfo, CircuitType, ModeInfo, SettingInfo } from '../../circuit.ts';

/** Modes of the analog circuits, numbered as Unipi's boards number them. */
export const MODES = {
  Voltage: { value: 0, unit: 'V', minimum: 0, maximum: 10 },
  Current: { value: 1, unit: 'mA', minimum: 0, maximum: 20 },
} as const satisfies Readonly<Record<string, ModeInfo>>;

const MODE: SettingInfo = { name: 'mode', kind: 'choice', choices: Object.keys(MODES), isWritable: true };

/** Every channel of the simulated board, ordered as CIRCUIT_TYPES. @param bus the driver's name. */
export function simulatedChannels(bus: string): readonly ChannelInfo[] {
  const channel = (
    type: CircuitType,
    circuit: string,
    place: string,
    direction: ChannelInfo['direction'],
    signal: ChannelInfo['signal'],
    more: Partial<ChannelInfo> = {},
  ): ChannelInfo => ({
    type,
    circuit,
    direction,
    signal,
    settings: [],
    features: {},
    hardware: `simulated board, ${place}`,
    bus,
    delivery: 'pushed',
    ...more,
  });
  const some = (count: number, make: (circuit: string, number: number) => ChannelInfo) =>
    Array.from({ length: count }, (_, place) => make(`1_0${place + 1}`, place + 1));
  const { unit, minimum, maximum } = MODES.Voltage;
  const analog = { unit, minimum, maximum, modes: MODES, settings: [MODE] };

  return [
    ...some(4, (circuit, n) =>
      channel('di', circuit, `digital input ${n}`, 'input', 'digital', { features: { edges: true } }),
    ),
    ...some(5, (circuit, n) => channel('ro', circuit, `relay ${n}`, 'output', 'digital')),
    ...some(4, (circuit, n) =>
      channel('do', circuit, `digital output ${n}`, 'output', 'digital', {
        features: { pwm: { minimumHz: 1, maximumHz: 20_000 } },
      }),
    ),
    ...some(2, (circuit, n) =>
      channel('ai', circuit, `analog input ${n}`, 'input', 'analog', { ...analog, delivery: 'polled' }),
    ),
    ...some(2, (circuit, n) => channel('ao', circuit, `analog output ${n}`, 'output', 'analog', analog)),
    channel('sensor', '28A1B2C3D4E5F6', 'thermometer', 'input', 'analog', {
      unit: '°C',
      minimum: -55,
      maximum: 125,
      step: 0.0625,
      delivery: 'polled',
    }),
    ...some(4, (circuit, n) =>
      channel('led', circuit, `LED ${n}`, 'output', 'digital', { features: { blink: true } }),
    ),
    channel('wd', '1_01', 'watchdog', 'output', 'digital', {
      settings: [
        { name: 'timeout', kind: 'integer', unit: 'ms', minimum: 0, maximum: 65_535, isWritable: true },
      ],
    }),
    channel('modbus_slave', '1', 'slave 1', 'none', 'none'),
    channel('owpower', '1', '1-Wire power', 'output', 'digital'),
    channel('register', '1_1000', 'register 1000', 'output', 'analog', {
      minimum: 0,
      maximum: 65_535,
      step: 1,
    }),
    channel('data_point', '1_2000', 'supply voltage', 'input', 'analog', {
      unit: 'V',
      minimum: 0,
      maximum: 30,
      delivery: 'polled',
    }),
    channel('owbus', '1', '1-Wire bus', 'none', 'none', {
      settings: [
        { name: 'interval', kind: 'integer', unit: 's', minimum: 1, maximum: 86_400, isWritable: true },
        { name: 'scan_interval', kind: 'integer', unit: 's', minimum: 0, maximum: 86_400, isWritable: true },
        { name: 'do_scan', kind: 'boolean', isWritable: true },
        { name: 'do_reset', kind: 'boolean', isWritable: true },
      ],
    }),
    channel('device_info', '1', 'nameplate', 'none', 'none'),
  ];
}
