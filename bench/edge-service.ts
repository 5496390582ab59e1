import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import websocket from '@fastify/websocket';
import { pino } from 'pino';
import { systemClock } from '../src/core/clock.ts';
import { openPipe, setNonBlocking } from '../src/core/libc.ts';
import { StateFolder } from '../src/core/state-folder.ts';
import { openBoard } from '../src/hardware/io/board/index.ts';
import { DescriptorThread } from '../src/hardware/io/descriptors/index.ts';
import { GpioConfig } from '../src/hardware/io/drivers/gpio/config.ts';
import { GpioDriver } from '../src/hardware/io/drivers/gpio/gpio-driver.ts';
import { CircuitSettings } from '../src/hardware/io/settings.ts';
import { controllerRoutes } from '../src/routes/controller/index.ts';
import { createHttpServer } from '../src/routes/http/index.ts';
import { configured } from '../test/support/configured.ts';
import { FakeGpio } from '../test/support/fake-gpio.ts';

/*
 * The way of an edge with everything real but the kernel: the GPIO driver, the thread that polls its descriptors, the
 * board, the events socket. In place of a line's descriptor stands a pipe, into which a thread writes the kernel's
 * records (gpio_v2_line_event) at the wanted rate, stamped as it writes.
 * `edge-service EDGES RATE_HZ`: sends its port to the parent; begins at the parent's first message.
 */
const [edges = 0, rateHz = 0] = process.argv.slice(2).map(Number);
const log = pino({ level: 'silent' });
const pipe = openPipe();
setNonBlocking(pipe.readFd);
const descriptors = new DescriptorThread();
const gpio = new FakeGpio();
gpio.addChip('gpiochip0', 'bench', ['EDGE']);
const chips = new Set<number>();
gpio.open = new Proxy(gpio.open, {
  apply: (open, self, args) => {
    const fd = Reflect.apply(open, self, args);
    chips.add(fd);
    return fd;
  },
});

const board = await openBoard(
  [
    {
      name: 'bench',
      kind: 'gpio',
      open: async (services) => {
        const driver = new GpioDriver(
          'bench',
          configured(GpioConfig, { kind: 'gpio', chip: 'bench', di: { edge: { offset: 0 } } }),
          {
            ...services,
            clock: systemClock,
            log,
            roots: { sys: '/sys', dev: '/dev' },
            descriptors: {
              watch: (fd, options, listener) =>
                chips.has(fd)
                  ? gpio.watch(fd, options, listener)
                  : descriptors.watch(pipe.readFd, options, listener),
            },
          },
          gpio,
        );
        setImmediate(() => driver.begin());
        return driver;
      },
    },
  ],
  {
    clock: systemClock,
    log,
    state: new StateFolder(mkdtempSync(join(tmpdir(), 'vidicon-bench-'))),
    circuits: configured(CircuitSettings, {}),
    interlocks: {},
  },
);

const fastify = createHttpServer({ log, corsOrigins: ['*'] });
await fastify.register(websocket);
await fastify.register(controllerRoutes, {
  prefix: '/controller',
  board,
  clock: systemClock,
  corsOrigins: ['*'],
});
await fastify.listen({ host: '127.0.0.1', port: 0 });
process.send?.((fastify.server.address() as AddressInfo).port); // a TCP server has a port

const writer = `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const { fd, edges, rateHz } = workerData;
  const sleep = new Int32Array(new SharedArrayBuffer(4));
  const begin = process.hrtime.bigint();
  const record = Buffer.alloc(48);
  for (let sent = 0; sent < edges; ) {
    const due = Number(process.hrtime.bigint() - begin) / 1e9 * rateHz;
    for (; sent < Math.min(edges, due); sent += 1) {
      record.writeBigUInt64LE(process.hrtime.bigint(), 0);
      record.writeUInt32LE(sent % 2 === 0 ? 1 : 2, 8);
      record.writeUInt32LE(sent + 1, 16);
      record.writeUInt32LE(sent + 1, 20);
      writeSync(fd, record);
    }
    Atomics.wait(sleep, 0, 0, 1000 / rateHz / 2);
  }
`;
process.once('message', () => {
  new Worker(writer, { eval: true, workerData: { fd: pipe.writeFd, edges, rateHz } });
});
