/**
 * The WebSocket address behind a `src` attribute: absolute or relative, with ws, wss, http or https.
 * @param base address of the page.
 * @returns undefined when it is no such address.
 */
export function streamUrl(src: string, base: string): string | undefined {
  let url: URL;
  try {
    url = new URL(src, base);
  } catch {
    return undefined;
  }
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  url.hash = '';
  return url.protocol === 'ws:' || url.protocol === 'wss:' ? url.href : undefined;
}

/**
 * The WebSocket address of the inference results that belong to a video.
 * @param videoUrl what `streamUrl` gave.
 * @returns undefined when the address does not end as a video's does.
 */
export function detectionsUrl(videoUrl: string): string | undefined {
  const url = new URL(videoUrl);
  if (!/\/video\/?$/.test(url.pathname)) return undefined;
  url.pathname = url.pathname.replace(/video\/?$/, 'nn');
  return url.href;
}
