import type { Writable } from 'node:stream';
import type { Clock, Timer } from '../../../core/clock.ts';
import type { AccessUnit } from '../../../media/coded.ts';
import { streamClosed } from '../../errors.ts';
import type { Stream } from '../../stream.ts';

/** Separates the parts; each part is one JPEG image with its length (RFC 2046 §5.1). */
const BOUNDARY = 'vidicon-picture';
export const MJPEG_MEDIA_TYPE = `multipart/x-mixed-replace; boundary=${BOUNDARY}`;

/** A client that has taken nothing for so long is gone, whatever its connection says. */
const PATIENCE_MS = 30_000;

/**
 * Writes a JPEG stream to an HTTP response until either side ends. Newest wins: while the response is busy, only
 * the newest picture is kept.
 * @returns when the first picture is on its way.
 * @throws AppError STREAM_TOO_MANY_READERS; why the stream could not start; STREAM_CLOSED when the response was
 * destroyed before there was a picture.
 */
export function sendMjpeg(stream: Stream, response: Writable, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    let patience: Timer | undefined;
    const send = (): void => {
      if (patience !== undefined || response.destroyed) return;
      let newest: AccessUnit | undefined;
      for (let unit = reader.take(); unit !== undefined; unit = reader.take()) newest = unit;
      if (newest === undefined) return;
      if (!writePart(response, newest)) patience = clock.after(PATIENCE_MS, () => response.destroy());
      resolve();
    };
    const reader = stream.join('mjpeg', {
      onReadable: send,
      onClosed: (reason) => {
        reject(reason ?? streamClosed(stream.name));
        response.end();
      },
    });
    response.on('drain', () => {
      patience?.[Symbol.dispose]();
      patience = undefined;
      send();
    });
    response.on('close', () => {
      patience?.[Symbol.dispose]();
      stream.leave(reader);
      reject(streamClosed(stream.name));
    });
    response.on('error', () => response.destroy());
    send();
  });
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
