export { Heartbeat } from './heartbeat.ts';
export {
  CLOSE_GOING_AWAY,
  closeSocket,
  VideoSocket,
  type VideoSocketOptions,
} from './video-socket.ts';
