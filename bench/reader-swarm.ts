import { WebSocket } from 'ws';

/** `reader-swarm URL COUNT`: so many readers in one process; tells its parent when all have got a message. */
const [url = '', count = '1'] = process.argv.slice(2);
let waiting = Number(count);
for (let number = 0; number < Number(count); number += 1) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.once('message', () => {
    waiting -= 1;
    if (waiting === 0) process.send?.('ready');
  });
  socket.on('message', () => undefined);
}
