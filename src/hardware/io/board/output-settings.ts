import type { CircuitType } from '../circuit.ts';
import type { CircuitSettings } from '../settings.ts';

/** What the configuration says of an output, the same for all types, with the defaults of its type. */
export interface OutputSettings {
  readonly isInverted: boolean;
  readonly needsConfirmation: boolean;
  /** `nearest-0`: the value in the range that is nearest to 0. */
  readonly safe: number | 'keep' | 'nearest-0';
  readonly startUp: number | 'keep' | 'safe';
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly slewPerSecond?: number | undefined;
}

export function outputSettings(
  type: CircuitType,
  circuit: string,
  circuits: CircuitSettings,
): OutputSettings {
  switch (type) {
    case 'do':
    case 'ro':
    case 'led':
    case 'owpower': {
      const settings = circuits[type][circuit];
      return {
        isInverted: settings?.invert ?? false,
        needsConfirmation: settings?.confirm ?? false,
        safe: settings?.safe ?? (type === 'owpower' ? 'keep' : 0),
        startUp: settings?.startUp ?? 'safe',
      };
    }
    case 'ao': {
      const settings = circuits.ao[circuit];
      return {
        isInverted: false,
        needsConfirmation: settings?.confirm ?? false,
        safe: settings?.keep ? 'keep' : (settings?.safe ?? 'nearest-0'),
        startUp: settings?.startUp ?? 'safe',
        minimum: settings?.minimum,
        maximum: settings?.maximum,
        slewPerSecond: settings?.slewPerSecond,
      };
    }
    default: {
      const needsConfirmation = type === 'register' && (circuits.register[circuit]?.confirm ?? false);
      return { isInverted: false, needsConfirmation, safe: 'keep', startUp: 'safe' };
    }
  }
}
