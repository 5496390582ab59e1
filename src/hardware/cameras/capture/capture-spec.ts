import type { CaptureRequest } from '../../../media/source.ts';
import type { SimulatedSpec } from '../simulated/simulated-spec.ts';

/** Which producer a capture thread opens, as plain data that crosses into the thread. */
export type CaptureSpec =
  | {
      readonly kind: 'v4l2';
      /** Device node, `/dev/video0`. */
      readonly node: string;
      readonly request: CaptureRequest;
    }
  | SimulatedSpec;

/** What a person would look up when an error names this source. */
export function placeOf(spec: CaptureSpec): string {
  switch (spec.kind) {
    case 'v4l2':
      return spec.node;
    case 'simulated':
      return spec.label;
    default:
      return spec satisfies never;
  }
}
