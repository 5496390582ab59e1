import { withoutPassword } from '../../../core/url-password.ts';
import type { CameraBus } from '../camera.ts';

/** Anything ffmpeg reads, as the configuration names it. */
export interface UrlInput {
  /** An address such as `rtsp://user:password@host/path`, a file, or what the format in `inputOptions` takes. */
  readonly url: string;
  /** ffmpeg's options for this input. */
  readonly inputOptions: readonly string[];
  /** Whether a file begins again at its end. */
  readonly loop: boolean;
}

const hasScheme = (url: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
const isFileUrl = (url: string): boolean => /^file:/i.test(url);
const isGenerated = ({ inputOptions }: UrlInput): boolean => inputOptions.includes('lavfi');

/** What kind of thing the input is: a network address, a file, or a picture that ffmpeg generates. */
export function busOf(input: UrlInput): CameraBus {
  if (isGenerated(input)) return 'virtual';
  return hasScheme(input.url) && !isFileUrl(input.url) ? 'network' : 'file';
}

/** Where the input is: host and port of an address, else the file or filter graph. */
export function pathOf(input: UrlInput): string {
  if (busOf(input) !== 'network') return input.url;
  return URL.canParse(input.url) ? new URL(input.url).host : withoutPassword(input.url);
}

/**
 * The command line up to and with `-i`. Files and generated pictures play in real time, and so does whatever is
 * played again and again; other addresses are live and give the pace themselves. RTSP goes over TCP unless the
 * options say otherwise: a lost datagram would spoil pictures up to the next sync sample.
 */
export function inputArguments(input: UrlInput): string[] {
  const { url, inputOptions, loop } = input;
  const isPaced = loop || busOf(input) !== 'network';
  const isRtsp = /^rtsps?:/i.test(url);
  return [
    ...(isPaced && !inputOptions.includes('-re') ? ['-re'] : []),
    ...(loop ? ['-stream_loop', '-1'] : []),
    ...(isRtsp && !inputOptions.includes('-rtsp_transport') ? ['-rtsp_transport', 'tcp'] : []),
    ...inputOptions,
    ...['-i', url],
  ];
}
