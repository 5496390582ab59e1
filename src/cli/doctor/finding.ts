/** One thing that was looked at. */
export interface Finding {
  /** What was looked at: `Node`, `ffmpeg`, `/dev/video0`, … */
  readonly check: string;
  /** `fail`: the service does not work like this. `warn`: it does, with less than there could be. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was seen. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}
