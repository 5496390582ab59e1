/** A request a client may send on a video socket; see openapi/websocket.md. */
export type ClientMessage =
  | { readonly type: 'ping'; readonly id: number; readonly t0: number }
  | { readonly type: 'stats'; readonly id: number };

/** Longest message that is looked at, in bytes. */
export const MAX_CLIENT_MESSAGE_BYTES = 1024;

/** Reads a client's text message. Anything that is not a known request is undefined: clients may send what they like. */
export function parseClientMessage(bytes: Uint8Array): ClientMessage | undefined {
  if (bytes.byteLength > MAX_CLIENT_MESSAGE_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, id, t0 } = value as Record<string, unknown>; // any object has unknown properties
  const number = typeof id === 'number' ? id : 0;
  if (type === 'ping') return { type, id: number, t0: typeof t0 === 'number' ? t0 : 0 };
  return type === 'stats' ? { type, id: number } : undefined;
}
