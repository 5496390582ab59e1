import { open } from 'node:fs/promises';
import { modelInvalid, modelIsBlob } from './errors.ts';

/** Bytes of a file's beginning that are looked at. */
const HEAD_BYTES = 256;

/** `mv_blob_header` of the Myriad compiler's blobs: magic number, size of the file, major and minor version. */
const BLOB_MAGIC = 9709;
const BLOB_MAJOR = 6;
/** The header stands behind one in the manner of ELF, whose size differs between versions. */
const BLOB_LAST_OFFSET = 128;

/** Other files that people take for models, by the bytes that they begin with. */
const OTHERS: readonly { readonly at: number; readonly bytes: string; readonly what: string }[] = [
  { at: 4, bytes: 'TFL3', what: 'a TensorFlow Lite model' },
  { at: 0, bytes: 'PK\x03\x04', what: 'a ZIP archive, as PyTorch and Keras save models' },
  { at: 0, bytes: '\x89HDF', what: 'an HDF5 file, as Keras saves models' },
  { at: 0, bytes: '\xfd7zXZ', what: 'a compressed archive' },
  { at: 0, bytes: '\x1f\x8b', what: 'a compressed archive' },
  { at: 0, bytes: '<?xml', what: "OpenVINO's description of a model" },
];

/**
 * Looks whether a file may be an ONNX model; ONNX itself has no mark to know it by.
 * @throws AppError NN_MODEL_BLOB or NN_MODEL_INVALID when it is something else or cannot be read.
 */
export async function assertMayBeOnnx(file: string): Promise<void> {
  const head = await headOf(file);
  if (head.length === 0) throw modelInvalid('the file is empty');
  if (isMyriadBlob(head)) throw modelIsBlob();
  const text = head.toString('latin1');
  const other = OTHERS.find(({ at, bytes }) => text.startsWith(bytes, at));
  if (other !== undefined) throw modelInvalid(`it is ${other.what}, and an ONNX model is expected`);
}

async function headOf(file: string): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const handle = await open(file);
    try {
      const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw modelInvalid(`its file cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

function isMyriadBlob(head: Buffer): boolean {
  for (let at = 0; at <= BLOB_LAST_OFFSET && at + 12 <= head.length; at += 2) {
    if (head.readUInt32LE(at) === BLOB_MAGIC && head.readUInt32LE(at + 8) === BLOB_MAJOR) return true;
  }
  return false;
}
