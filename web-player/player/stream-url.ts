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
