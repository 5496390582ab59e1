export { MAX_CLIENT_MESSAGE_BYTES } from './client-message.ts';
export {
  CLOSE_GOING_AWAY,
  CLOSE_STREAM_FAILED,
  VideoSocket,
  type VideoSocketOptions,
} from './video-socket.ts';
