export { TestPictures } from './test-pictures.ts';
export { UsbCamera, type UsbCameraOptions } from './usb-camera.ts';
export { DEPTH_FORMATS, type VideoFormat } from './video-format.ts';
