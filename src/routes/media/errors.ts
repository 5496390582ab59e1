import { type Problem, problem } from '../http/index.ts';

/** REQUEST_UPGRADE_REQUIRED: plain HTTP where a WebSocket is expected. */
export const upgradeRequired = (): Problem =>
  problem(
    426,
    'REQUEST_UPGRADE_REQUIRED',
    'Video comes through a WebSocket (ws://…/video); for plain HTTP there are …/mjpeg and …/still.',
  );
