"""A Modbus server that behaves like Unipi's boards: pymodbus decodes, executes and encodes; this adds lines and faults.

Usage: modbus-server.py tcp PORT | modbus-server.py rtu
Commands come as JSON lines on standard input, each answered by a JSON line on standard output; the first line out says
where the server is: {"port": N} or {"path": "/dev/pts/N"}.
"""

import json
import logging
import os
import select
import socket
import sys
import termios
import time
import tty

from pymodbus.datastore import ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.factory import ServerDecoder
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer

WRITES_COIL = (5, 15)


class Line:
    """One client: a socket, or the pseudo-terminal."""

    def __init__(self, fd, framer, close):
        self.fd = fd
        self.framer = framer
        self.close = close


class Server:
    def __init__(self, kind):
        self.kind = kind
        self.slaves = {}
        self.faults = {}
        self.requests = []
        self.lines = {}
        self.late = []  # (when, line, bytes)
        self.listener = None

    def add_slave(self, unit, holding, inputs, coils, mirrors):
        def block(values):
            return ModbusSparseDataBlock({int(key): value for key, value in values.items()} or {65535: 0})

        context = ModbusSlaveContext(
            hr=block(holding), ir=block(inputs), co=block(coils), di=block({}), zero_mode=True
        )
        # [coil, register, bit]: switching a coil sets a bit.
        self.slaves[unit] = (context, mirrors)

    def reflect(self, unit):
        context, mirrors = self.slaves[unit]
        for coil, register, bit in mirrors:
            word = context.getValues(3, register, 1)[0]
            is_on = context.getValues(1, coil, 1)[0]
            context.setValues(3, register, [word | 1 << bit if is_on else word & ~(1 << bit)])

    def answer(self, request, line):
        unit, function = request.unit_id, request.function_code
        first = getattr(request, "address", None)
        self.requests.append([unit, function, first])
        fault = self.faults.get(str(unit), {})
        only = fault.get("function")
        if only is not None and only != function or fault.get("address", first) != first:
            fault = {}
        kind = fault.get("kind")
        if unit not in self.slaves or kind == "silent":
            return
        if kind == "close":
            return self.drop(line)
        if kind == "garbage":
            return os.write(line.fd, bytes.fromhex(fault["bytes"]))
        if kind == "exception":
            response = request.doException(fault["code"])
        else:
            response = request.execute(self.slaves[unit][0])
            if function in WRITES_COIL:
                self.reflect(unit)
        response.transaction_id = request.transaction_id
        response.unit_id = unit
        packet = line.framer.buildPacket(response)
        if kind == "late":
            self.late.append((time.monotonic() + fault["seconds"], line, packet))
        else:
            os.write(line.fd, packet)

    def receive(self, line):
        try:
            data = os.read(line.fd, 4096)
        except OSError:
            data = b""
        if not data:
            return self.drop(line)
        line.framer.processIncomingPacket(data, lambda request: self.answer(request, line), list(range(256)))

    def drop(self, line):
        if self.lines.pop(line.fd, None) is not None:
            line.close()

    def accept(self):
        client, _ = self.listener.accept()
        line = Line(client.fileno(), ModbusSocketFramer(ServerDecoder()), client.close)
        self.lines[line.fd] = line

    def command(self, what):
        name = what["do"]
        if name == "slave":
            self.add_slave(what["unit"], what["holding"], what["inputs"], what["coils"], what["mirrors"])
        elif name == "set":
            self.slaves[what["unit"]][0].setValues(what["function"], what["address"], what["values"])
        elif name == "get":
            context = self.slaves[what["unit"]][0]
            return [int(value) for value in context.getValues(what["function"], what["address"], what["count"])]
        elif name == "fault":
            self.faults[str(what["unit"])] = what["fault"]
        elif name == "requests":
            requests, self.requests = self.requests, []
            return requests
        elif name == "disconnect":
            for line in list(self.lines.values()):
                self.drop(line)
        return None

    def open(self, port):
        if self.kind == "tcp":
            self.listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
            return {"port": self.listener.getsockname()[1]}
        master, slave = os.openpty()
        for fd in (master, slave):
            tty.setraw(fd, termios.TCSANOW)
        # The slave stays open, so that the line is there between openings by the client.
        self.lines[master] = Line(master, ModbusRtuFramer(ServerDecoder()), lambda: None)
        return {"path": os.ttyname(slave)}

    def run(self):
        buffer = b""
        while True:
            watched = [0, *self.lines, *([self.listener.fileno()] if self.listener else [])]
            wait = max(min([when for when, _, _ in self.late], default=1e9) - time.monotonic(), 0)
            ready, _, _ = select.select(watched, [], [], min(wait, 60))
            for entry in [entry for entry in self.late if entry[0] <= time.monotonic()]:
                self.late.remove(entry)
                if entry[1].fd in self.lines:
                    os.write(entry[1].fd, entry[2])
            for fd in ready:
                if fd == 0:
                    data = os.read(0, 65536)
                    if not data:
                        return
                    buffer += data
                    *commands, buffer = buffer.split(b"\n")
                    for line in commands:
                        print(json.dumps({"result": self.command(json.loads(line))}), flush=True)
                elif self.listener and fd == self.listener.fileno():
                    self.accept()
                elif fd in self.lines:
                    self.receive(self.lines[fd])


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # exceptions are what tests ask for
    server = Server(sys.argv[1])
    print(json.dumps(server.open(int(sys.argv[2]) if len(sys.argv) > 2 else 0)), flush=True)
    server.run()
