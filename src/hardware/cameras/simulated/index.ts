export type { ScheduledFault, SimulatedFault } from './fault-line.ts';
export type { SimulatedCameraOptions } from './simulated-camera.ts';
export {
  createSimulatedDriver,
  type SimulatedDriver,
  type SimulatedDriverOptions,
} from './simulated-driver.ts';
