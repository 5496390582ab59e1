import { expect, test } from 'vitest';
import { detectionsUrl, streamUrl } from './stream-url.ts';

test.each([
  ['ws://cam.local/a/video', 'ws://cam.local/a/video'],
  ['http://cam.local:8080/a/video?x=1#y', 'ws://cam.local:8080/a/video?x=1'],
  ['https://cam.local/a', 'wss://cam.local/a'],
  ['/cameras/A1/streams/CAM_A/video', 'wss://page.example/cameras/A1/streams/CAM_A/video'],
  ['//other.example/video', 'wss://other.example/video'],
])('%s becomes %s', (src, url) => {
  expect(streamUrl(src, 'https://page.example/view/index.html')).toBe(url);
});

test.each(['ftp://x/y', 'javascript:alert(1)', 'http://', 'http://a b/'])('%s is no stream', (src) => {
  expect(streamUrl(src, 'https://page.example/')).toBeUndefined();
});

test.each([
  ['ws://cam.local:8080/cameras/A1/streams/CAM_A/video', 'ws://cam.local:8080/cameras/A1/streams/CAM_A/nn'],
  [
    'wss://cam.local/device/camera/A1/streams/CAM_A/video/?key=1',
    'wss://cam.local/device/camera/A1/streams/CAM_A/nn?key=1',
  ],
])('results of %s come from %s', (video, results) => {
  expect(detectionsUrl(video)).toBe(results);
});

test('an address of another form has no results', () => {
  expect(detectionsUrl('ws://cam.local/live.mp4')).toBeUndefined();
});
