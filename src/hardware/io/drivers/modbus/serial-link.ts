import type { AppError } from '../../../../core/app-error.ts';
import { ioBusy, ioDenied, ioFailed, ioGone, ioNotPresent } from '../../errors.ts';
import type { Link } from './connection.ts';
import type { LineConfig } from './evok-config.ts';

/** The serial library tells by text alone why a port cannot be opened. */
function refusal(where: string, error: unknown): AppError {
  const message = error instanceof Error ? error.message : String(error);
  if (/no such (file|device)/i.test(message)) return ioNotPresent(where, 'there is no such port', error);
  if (/permission denied/i.test(message))
    return ioDenied(where, 'add the user of the service to the group dialout', error);
  if (/lock|busy|temporarily unavailable/i.test(message)) return ioBusy(where, undefined, error);
  return ioFailed(where, message, error);
}

/**
 * Opens a serial port for Modbus RTU, for this process alone.
 * @throws AppError IO_NOT_PRESENT, IO_DENIED, IO_BUSY, IO_FAILED
 */
export async function openSerial(line: LineConfig & { kind: 'rtu' }, bus: string): Promise<Link> {
  const { path, baudRate, parity, stopBits } = line;
  const where = `bus ${bus} at ${path}`;
  const { default: modbus } = await import('modbus-serial');
  const client = new modbus.default();
  let close: (problem: AppError) => void;
  const closed = new Promise<AppError>((resolve) => {
    close = resolve;
    client.on('close', () => resolve(ioGone(where)));
    client.on('error', (error: unknown) => resolve(ioGone(where, error)));
  });
  try {
    await client.connectRTUBuffered(path, { baudRate, parity, stopBits, dataBits: 8 });
  } catch (error) {
    throw refusal(where, error);
  }
  return {
    client,
    isNumbered: false,
    closed,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        close(ioFailed(where, 'the port was closed'));
        if (client.isOpen) client.close(() => resolve());
        else resolve();
      }),
  };
}
