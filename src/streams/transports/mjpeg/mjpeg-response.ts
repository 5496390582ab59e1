import type { Writable } from 'node:stream';
import type { AccessUnit } from '../../../media/coded.ts';
import type { Stream } from '../../stream.ts';

/** Separates the parts; each part is one JPEG image with its length (RFC 2046 §5.1). */
const BOUNDARY = 'vidicon-picture';
export const MJPEG_MEDIA_TYPE = `multipart/x-mixed-replace; boundary=${BOUNDARY}`;

/**
 * Writes a JPEG stream to an HTTP response until either side ends. Newest wins: while the response is busy, only
 * the newest picture is kept.
 * @throws AppError STREAM_TOO_MANY_READERS
 */
export function sendMjpeg(stream: Stream, response: Writable): void {
  let isBusy = false;
  const send = (): void => {
    if (isBusy || response.destroyed) return;
    let newest: AccessUnit | undefined;
    for (let unit = reader.take(); unit !== undefined; unit = reader.take()) newest = unit;
    if (newest !== undefined) isBusy = !writePart(response, newest);
  };
  const reader = stream.join('mjpeg', { onReadable: send, onClosed: () => response.end() });
  response.on('drain', () => {
    isBusy = false;
    send();
  });
  response.on('close', () => stream.leave(reader));
  response.on('error', () => response.destroy());
  send();
}

function writePart(response: Writable, { data, capturedWallUs }: AccessUnit): boolean {
  const headers = [
    `--${BOUNDARY}`,
    'Content-Type: image/jpeg',
    `Content-Length: ${data.byteLength}`,
    `X-Timestamp: ${(capturedWallUs / 1e6).toFixed(6)}`,
  ];
  response.cork();
  response.write(`${headers.join('\r\n')}\r\n\r\n`);
  response.write(data);
  const canTakeMore = response.write('\r\n');
  response.uncork();
  return canTakeMore;
}
