import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { TestPictures, UsbCamera } from './usb-camera/index.ts';

// Runs in the lab: plugs two USB cameras in beside the two of vivid, and runs the service for a browser outside.

const PORT = '8080';
const pictures = new TestPictures();
for (const [usbPort, serial] of ['FRONT', 'BACK'].entries()) {
  const camera = await UsbCamera.plug({ port: usbPort, serial, pictures });
  camera.on('control', (name, value) => console.log(`${serial}: ${name} = ${value}`));
}
const main = resolve(import.meta.dirname, '../../../dist/vidicon.js');
const config = resolve(import.meta.dirname, 'serve.yaml');
const args = ['serve', '--config', config, '--host', '0.0.0.0', '--port', PORT];
const service = spawn(process.execPath, [main, ...args], { stdio: 'inherit' });
const [code] = await once(service, 'exit');
process.exit(code ?? 1); // the cameras would go on
