export { AnalogInput, type AnalogInputOptions, type AnalogSample } from './analog-input.ts';
export { DigitalInput, type DigitalInputOptions } from './digital-input.ts';
export { SlewLimiter } from './slew-limiter.ts';
