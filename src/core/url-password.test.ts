import { expect, test } from 'vitest';
import { withoutPassword } from './url-password.ts';

test.each([
  ['rtsp://admin:secret@10.0.0.5/stream', 'rtsp://admin:***@10.0.0.5/stream'],
  ['rtsp://admin:se/cr@t@10.0.0.5/stream', 'rtsp://admin:***@10.0.0.5/stream'],
  ['rtsp://:secret@h/', 'rtsp://:***@h/'],
  ['both rtsp://a:secret@h/ and http://b:secret@h/', 'both rtsp://a:***@h/ and http://b:***@h/'],
  ['{"url":"rtsp://a:secret@h/","mail":"x@y"}', '{"url":"rtsp://a:***@h/","mail":"x@y"}'],
  ['rtsp://admin@10.0.0.5:554/stream', 'rtsp://admin@10.0.0.5:554/stream'],
  ['{"url":"http://127.0.0.1:8080/","mail":"x@y"}', '{"url":"http://127.0.0.1:8080/","mail":"x@y"}'],
  ['http://cam/x?user=a&pwd=secret failed', 'http://cam/x?*** failed'],
  ['http://a:b?c@cam/x?pwd=secret', 'http://a:***@cam/x?***'],
  ['/dev/video0', '/dev/video0'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutPassword(text)).toBe(shown);
});
