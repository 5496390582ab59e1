export type { SensorConfig } from './sensor-config.ts';
export { SensorConfigs } from './sensor-configs.ts';
