export { MJPEG_MEDIA_TYPE, sendMjpeg } from './mjpeg-response.ts';
