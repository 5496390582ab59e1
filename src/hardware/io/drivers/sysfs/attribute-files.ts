import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Reads and writes attributes as the kernel wants it: all of one in one call. Both reject with errors of Node. */
export interface AttributeFiles {
  /** The whole text, 64 KiB of it at most. */
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
}

const CHUNK_BYTES = 4096;
/** An attribute is a page at most, but for a few such as the list of LED triggers. */
const MAX_BYTES = 65_536;

/** The attributes of this machine. A chip behind a slow bus blocks a thread of Node's pool, never the event loop. */
export const kernelFiles: AttributeFiles = {
  async read(path) {
    const file = await open(path, constants.O_RDONLY);
    try {
      return await readAll(file);
    } finally {
      await file.close();
    }
  },
  async write(path, text) {
    const file = await open(path, constants.O_WRONLY | constants.O_TRUNC);
    try {
      const { bytesWritten } = await file.write(text);
      if (bytesWritten < Buffer.byteLength(text))
        throw new Error(`${bytesWritten} bytes of "${text}" were taken`);
    } finally {
      await file.close();
    }
  },
};

async function readAll(file: FileHandle): Promise<string> {
  const chunks: Buffer[] = [];
  for (let length = 0; length < MAX_BYTES; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(chunks).toString('latin1');
}
