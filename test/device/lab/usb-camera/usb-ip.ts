import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/*
 * USB/IP as the kernel's vhci_hcd speaks it over a socket (Documentation/usb/usbip_protocol.rst). All numbers are
 * big-endian. A message begins with 48 bytes:
 *
 *    0 command   4 seqnum   8 devid   12 direction (1: in)   16 endpoint
 *   CMD_SUBMIT:  20 flags   24 length   28 start frame   32 packets   36 interval   40 setup (8 bytes)
 *   CMD_UNLINK:  20 seqnum of the victim
 *   RET_SUBMIT:  20 status  24 actual length
 *   RET_UNLINK:  20 status
 *
 * Data follows a CMD_SUBMIT that goes out and a RET_SUBMIT of one that goes in.
 */
const HEADER_BYTES = 48;
const CMD_SUBMIT = 1;
const CMD_UNLINK = 2;
const RET_SUBMIT = 3;
const RET_UNLINK = 4;

const EPIPE = 32;
const ECONNRESET = 104;
const HIGH_SPEED = 3;

const HOST = '/sys/devices/platform/vhci_hcd.0';
/** State of a port in the host's status file to which a device can be attached: VDEV_ST_NULL. */
const FREE = '004';

/** A request of the kernel: data that it sends, or room for data that it wants. */
export interface Transfer {
  readonly seqnum: number;
  readonly endpoint: number;
  readonly isIn: boolean;
  /** Most bytes it takes. */
  readonly length: number;
  /** The setup packet of a transfer on endpoint 0. */
  readonly setup: Buffer;
  /** What it sends. */
  readonly data: Buffer;
}

export interface UsbDevice {
  /** Answers now or later, by its `seqnum`. */
  onTransfer(transfer: Transfer): void;
  /** Forgets a transfer. @returns whether it was still open. */
  onUnlink(seqnum: number): boolean;
}

/** A cable to one port of the kernel's virtual USB host. Disposing it pulls the plug. */
export class UsbCable implements AsyncDisposable {
  readonly #port: number;
  readonly #socket: Socket;
  #input = Buffer.alloc(0);

  private constructor(port: number, socket: Socket, device: UsbDevice) {
    this.#port = port;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // the kernel has let go
    socket.on('data', (bytes) => this.#receive(bytes, device));
  }

  /** Plugs a high-speed device in. @param port 0 to 7. */
  static async plug(port: number, device: UsbDevice): Promise<UsbCable> {
    await untilFree(port);
    const listener = createServer({ pauseOnConnect: true }); // the kernel reads what comes to this end
    await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
    const accepted = new Promise<Socket>((resolve) => listener.once('connection', resolve));
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('The socket has no port.');
    const cable = new UsbCable(port, connect(address.port, '127.0.0.1'), device);
    const kernelEnd = await accepted;
    // net.Socket has no public way to its descriptor.
    const { fd } = (kernelEnd as unknown as { readonly _handle: { readonly fd: number } })._handle;
    writeFileSync(`${HOST}/attach`, `${port} ${fd} ${port + 1} ${HIGH_SPEED}`);
    kernelEnd.destroy(); // the kernel has its own reference
    listener.close();
    return cable;
  }

  succeed(seqnum: number, data: Buffer): void {
    this.#reply(RET_SUBMIT, seqnum, 0, data.length, data);
  }

  /** Confirms data that the kernel sent. */
  accept(seqnum: number, bytes: number): void {
    this.#reply(RET_SUBMIT, seqnum, 0, bytes);
  }

  /** Refuses a request: the driver sees EPIPE. */
  stall(seqnum: number): void {
    this.#reply(RET_SUBMIT, seqnum, -EPIPE, 0);
  }

  /** Resolves when the port is free again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await untilFree(this.#port);
  }

  #receive(bytes: Buffer, device: UsbDevice): void {
    this.#input = Buffer.concat([this.#input, bytes]);
    while (this.#input.length >= HEADER_BYTES) {
      const head = this.#input;
      const command = head.readUInt32BE(0);
      const seqnum = head.readUInt32BE(4);
      const isIn = head.readUInt32BE(12) === 1;
      const length = command === CMD_SUBMIT ? head.readUInt32BE(24) : 0;
      const size = HEADER_BYTES + (isIn ? 0 : length);
      if (head.length < size) return;
      this.#input = head.subarray(size);
      if (command === CMD_UNLINK) {
        const wasOpen = device.onUnlink(head.readUInt32BE(20));
        this.#reply(RET_UNLINK, seqnum, wasOpen ? -ECONNRESET : 0, 0);
      } else {
        const [setup, data] = [head.subarray(40, HEADER_BYTES), head.subarray(HEADER_BYTES, size)];
        device.onTransfer({ seqnum, endpoint: head.readUInt32BE(16), isIn, length, setup, data });
      }
    }
  }

  #reply(command: number, seqnum: number, status: number, length: number, data?: Buffer): void {
    const head = Buffer.alloc(HEADER_BYTES);
    head.writeUInt32BE(command, 0);
    head.writeUInt32BE(seqnum, 4);
    head.writeInt32BE(status, 20);
    head.writeUInt32BE(length, 24);
    this.#socket.write(data === undefined ? head : Buffer.concat([head, data]));
  }
}

/** The kernel frees a port some time after its cable was cut, and tells nobody. */
async function untilFree(port: number): Promise<void> {
  const line = new RegExp(`^hs\\s+0*${port}\\s+${FREE}\\s`, 'm');
  while (!line.test(readFileSync(`${HOST}/status`, 'utf8'))) await delay(10);
}
