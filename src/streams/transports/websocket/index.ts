export { MAX_CLIENT_MESSAGE_BYTES } from './client-message.ts';
export { Heartbeat } from './heartbeat.ts';
export {
  CLOSE_GOING_AWAY,
  closeSocket,
  VideoSocket,
  type VideoSocketOptions,
} from './video-socket.ts';
