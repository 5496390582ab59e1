import type { AppError } from '../../core/app-error.ts';
import { toAppError } from '../../core/app-error.ts';
import { shownValue } from '../../hardware/io/errors.ts';
import { requestInvalid } from '../http/index.ts';

/** What a client asks for on the events socket; see openapi/websocket.md. */
export type ClientCommand =
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly devices: readonly string[]; readonly circuits: readonly string[] }
  | {
      readonly kind: 'set';
      readonly dev: string;
      readonly circuit: string;
      /** The body of a write, see write-body.ts. */
      readonly body: Readonly<Record<string, unknown>>;
      /** Whether the lease that it makes is bound to the socket. */
      readonly isHeld: boolean;
    }
  | { readonly kind: 'hold'; readonly lease: string };

/** A client's message: what it asks, or why it cannot be understood. `cmd` and `id` come back in the answer. */
export interface ClientMessage {
  readonly cmd?: string;
  readonly id?: unknown;
  readonly asked: ClientCommand | AppError;
}

/** Longest message of a client, in bytes. */
export const MAX_COMMAND_BYTES = 16 * 1024;
const MAX_NAME_LENGTH = 256;
/** Longest `id`, as JSON text. It bounds the depth, too: JSON.parse reads what JSON.stringify cannot write. */
const MAX_ID_LENGTH = 1024;

/** Reads a client's message; never throws. */
export function parseClientMessage(bytes: Uint8Array, isBinary: boolean): ClientMessage {
  let message: Readonly<Record<string, unknown>> = {};
  try {
    message = objectOf(bytes, isBinary);
    return { ...echoOf(message), asked: commandOf(message) };
  } catch (error) {
    return { ...echoOf(message), asked: toAppError(error) };
  }
}

function objectOf(bytes: Uint8Array, isBinary: boolean): Readonly<Record<string, unknown>> {
  if (isBinary || bytes.byteLength > MAX_COMMAND_BYTES)
    throw requestInvalid(`A message is JSON text of at most ${MAX_COMMAND_BYTES} bytes.`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw requestInvalid('The message is not JSON.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw requestInvalid(`A message is an object with cmd; saw ${shownValue(value)}.`);
}

function echoOf({ cmd, id }: Readonly<Record<string, unknown>>) {
  return {
    ...(typeof cmd === 'string' && { cmd: cmd.slice(0, MAX_NAME_LENGTH) }),
    ...(isEchoed(id) && { id }),
  };
}

function isEchoed(id: unknown): boolean {
  try {
    return id !== undefined && JSON.stringify(id).length <= MAX_ID_LENGTH;
  } catch {
    return false;
  }
}

function commandOf({ cmd, id, ...message }: Readonly<Record<string, unknown>>): ClientCommand {
  if (id !== undefined && !isEchoed(id))
    throw requestInvalid(`id has more than ${MAX_ID_LENGTH} characters of JSON.`);
  switch (cmd) {
    case 'all':
      return { kind: 'all' };
    case 'filter': {
      const { devices, circuits } = message;
      return { kind: 'filter', devices: names('devices', devices), circuits: names('circuits', circuits) };
    }
    case 'set': {
      const { dev, circuit, hold, ...body } = message;
      const isHeld = hold === true;
      if (!isHeld && hold !== undefined && hold !== false)
        throw requestInvalid(`hold is ${shownValue(hold)}; expected true or false.`);
      if (isHeld && (body['lease_ms'] ?? undefined) === undefined)
        throw requestInvalid('hold binds a lease to the socket: lease_ms has to say how long it lasts then.');
      return { kind: 'set', dev: name('dev', dev), circuit: name('circuit', circuit), body, isHeld };
    }
    case 'hold':
      return { kind: 'hold', lease: name('lease', message['lease']) };
    default:
      throw requestInvalid(`cmd is ${shownValue(cmd)}; expected all, filter, set or hold.`);
  }
}

function name(field: string, seen: unknown): string {
  if (typeof seen === 'string' && seen.length <= MAX_NAME_LENGTH) return seen;
  throw requestInvalid(`${field} is ${shownValue(seen)}; expected a name.`);
}

function names(field: string, seen: unknown): readonly string[] {
  if (seen === undefined || seen === null) return [];
  if (!Array.isArray(seen))
    throw requestInvalid(`${field} is ${shownValue(seen)}; expected a list of names.`);
  return seen.map((each: unknown) => name(field, each));
}
