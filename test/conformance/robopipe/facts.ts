import { CAMERAS } from './cameras.ts';
import { CONTROLLER } from './controller.ts';
import { EXAMPLES } from './examples.ts';
import type { Fact } from './fact.ts';
import { INFERENCE } from './nn.ts';
import { CORS, ENVIRONMENT, SERVICE } from './service.ts';
import { STREAMS } from './streams.ts';
import { STUDIO } from './studio.ts';
import { VIDEO } from './video.ts';

/** Every fact, in the order in which they are checked. */
export const FACTS: readonly Fact[] = [
  ...SERVICE,
  ...VIDEO,
  ...STREAMS,
  ...CONTROLLER,
  ...INFERENCE,
  ...STUDIO,
  ...EXAMPLES,
  ...CAMERAS,
  ...CORS,
  ...ENVIRONMENT,
];
