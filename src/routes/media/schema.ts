export { SensorParams } from '../cameras/schema.ts';
export { ProblemResponse as Problem } from '../http/index.ts';
