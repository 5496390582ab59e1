export { type ConfigFlags, DEFAULT_CONFIG_FILE, type LoadedConfig, loadConfig } from './load.ts';
export type { Config } from './schema.ts';
export { type SensorSettings, sensorSettings } from './sensor-settings.ts';
export { statePath } from './state-path.ts';
