import type { PictureFormat } from '../../../media/picture.ts';

/** What a simulated sensor is opened with, as plain data that crosses into the capture thread. */
export interface SimulatedSpec {
  readonly kind: 'simulated';
  /** Camera and sensor, `SIMULATED1 CAM_A`: written into the picture, and what errors name. */
  readonly label: string;
  readonly format: PictureFormat;
  /** Chooses colours and landscape. */
  readonly seed: number;
  /** The sensor's fault line, see `FaultLine`. */
  readonly faults: SharedArrayBuffer;
  /** See `SimulatedControls.brightness`; the picture as it is drawn when absent. */
  readonly brightness?: SharedArrayBuffer;
}
