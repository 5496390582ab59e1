import { expect, test } from 'vitest';
import { busOf, inputArguments, pathOf, type UrlInput } from './url-input.ts';

const input = (url: string, inputOptions: string[] = [], loop = false): UrlInput => ({
  url,
  inputOptions,
  loop,
});

test.each<[UrlInput, string]>([
  [input('/srv/film.mp4'), '-re -i /srv/film.mp4'],
  [input('/srv/film.mp4', [], true), '-re -stream_loop -1 -i /srv/film.mp4'],
  [input('file:///srv/film.mp4'), '-re -i file:///srv/film.mp4'],
  [input('testsrc2=rate=25', ['-f', 'lavfi']), '-re -f lavfi -i testsrc2=rate=25'],
  [input('rtsp://cam/live'), '-rtsp_transport tcp -i rtsp://cam/live'],
  [input('rtsp://cam/live', ['-rtsp_transport', 'udp']), '-rtsp_transport udp -i rtsp://cam/live'],
  [input('http://cam/live.ts'), '-i http://cam/live.ts'],
  [input('http://host/film.mp4', ['-re']), '-re -i http://host/film.mp4'],
  [input('http://host/film.mp4', [], true), '-re -stream_loop -1 -i http://host/film.mp4'],
  [input('udp://@:5000'), '-i udp://@:5000'],
])('%j is read with its options in order', (given, expected) => {
  expect(inputArguments(given).join(' ')).toBe(expected);
});

test.each<[UrlInput, string, string]>([
  [input('rtsp://user:secret@cam.local:554/live'), 'network', 'cam.local:554'],
  [input('udp://@:5000'), 'network', 'udp://@:5000'],
  [input('/srv/film.mp4'), 'file', '/srv/film.mp4'],
  [input('testsrc2', ['-f', 'lavfi']), 'virtual', 'testsrc2'],
])('%j is on the bus %s at %s', (given, bus, path) => {
  expect(busOf(given)).toBe(bus);
  expect(pathOf(given)).toBe(path);
});
