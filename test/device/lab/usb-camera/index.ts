export { TestPictures } from './test-pictures.ts';
export { UsbCamera, type UsbCameraOptions } from './usb-camera.ts';
