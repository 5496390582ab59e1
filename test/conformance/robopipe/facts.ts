import { CAMERA_LIFE } from './camera-life.ts';
import { CAMERAS } from './cameras.ts';
import { CIRCUITS } from './circuits.ts';
import { CONFIG } from './config.ts';
import { CONTROL } from './control.ts';
import { ENVIRONMENT } from './environment.ts';
import { EXAMPLES } from './examples.ts';
import type { Fact } from './fact.ts';
import { NEW_STUDIO } from './new-studio.ts';
import { NN_RESULTS } from './nn-results.ts';
import { NN_UPLOAD } from './nn-upload.ts';
import { OPTIONAL } from './optional.ts';
import { CORS, SERVICE } from './service.ts';
import { STILL } from './still.ts';
import { ACTIVATION, STREAM_LIST } from './stream-list.ts';
import { STUDIO } from './studio.ts';
import { VIDEO_CHANGES } from './video-changes.ts';
import { VIDEO_CLIENTS } from './video-clients.ts';
import { VIDEO_MESSAGES } from './video-messages.ts';

/** Every fact, in the order in which they are checked. */
export const FACTS: readonly Fact[] = [
  ...SERVICE,
  ...VIDEO_MESSAGES,
  ...VIDEO_CLIENTS,
  ...VIDEO_CHANGES,
  ...STREAM_LIST,
  ...STILL,
  ...CONTROL,
  ...CONFIG,
  ...ACTIVATION,
  ...CIRCUITS,
  ...NN_UPLOAD,
  ...NN_RESULTS,
  ...STUDIO,
  ...NEW_STUDIO,
  ...EXAMPLES,
  ...OPTIONAL,
  ...CAMERAS,
  ...CAMERA_LIFE,
  ...CORS,
  ...ENVIRONMENT,
];
