/** The unit a measured value is given in, and what the kernel's number is multiplied with to get there. */
export interface PlainUnit {
  readonly unit?: string;
  readonly factor: number;
}

const MILLI = 1e-3;

/**
 * Types of IIO channels, with the unit after the kernel's scale and offset.
 * @see Linux Documentation/ABI/testing/sysfs-bus-iio
 */
const UNITS: Readonly<Record<string, PlainUnit>> = {
  voltage: { unit: 'V', factor: MILLI },
  altvoltage: { unit: 'V', factor: MILLI },
  current: { unit: 'A', factor: MILLI },
  altcurrent: { unit: 'A', factor: MILLI },
  power: { unit: 'W', factor: MILLI },
  energy: { unit: 'J', factor: 1 },
  resistance: { unit: 'Ω', factor: 1 },
  capacitance: { unit: 'nF', factor: 1 },
  electricalconductivity: { unit: 'S/m', factor: 1 },
  temp: { unit: '°C', factor: MILLI },
  humidityrelative: { unit: '%', factor: MILLI },
  positionrelative: { unit: '%', factor: MILLI },
  concentration: { unit: '%', factor: 1 },
  massconcentration: { unit: 'µg/m³', factor: 1 },
  pressure: { unit: 'kPa', factor: 1 },
  illuminance: { unit: 'lx', factor: 1 },
  colortemp: { unit: 'K', factor: 1 },
  distance: { unit: 'm', factor: 1 },
  velocity: { unit: 'm/s', factor: 1 },
  deltavelocity: { unit: 'm/s', factor: 1 },
  accel: { unit: 'm/s²', factor: 1 },
  gravity: { unit: 'm/s²', factor: 1 },
  anglvel: { unit: 'rad/s', factor: 1 },
  angl: { unit: 'rad', factor: 1 },
  deltaangl: { unit: 'rad', factor: 1 },
  phase: { unit: 'rad', factor: 1 },
  incli: { unit: '°', factor: 1 },
  magn: { unit: 'G', factor: 1 },
};

/** Unit of a channel such as `voltage0-voltage1` or `temp_ambient`; types that have none are plain numbers. */
export function unitOf(channel: string): PlainUnit {
  const [type = ''] = /^[a-z]+/.exec(channel) ?? [];
  return Object.hasOwn(UNITS, type) ? (UNITS[type] ?? { factor: 1 }) : { factor: 1 };
}
