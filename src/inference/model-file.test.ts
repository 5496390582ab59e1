import { expect, test } from 'vitest';
import { ModelFolder } from '../../test/support/model-folder.ts';
import { constantModel } from '../../test/support/onnx-graph.ts';
import { assertMayBeOnnx } from './model-file.ts';

async function look(bytes: Uint8Array): Promise<void> {
  using folder = new ModelFolder();
  await assertMayBeOnnx(folder.file(bytes));
}

const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, kind: 'invalid', message: expect.stringMatching(message) });

test.each([34, 52, 64])(
  'a Myriad blob with its header at byte %i is known, and the way to ONNX told',
  async (at) => {
    const blob = Buffer.alloc(4096, 3);
    blob.fill(0, 0, at);
    blob.writeUInt32LE(9709, at);
    blob.writeUInt32LE(blob.length, at + 4);
    blob.writeUInt32LE(6, at + 8);
    await expect(look(blob)).rejects.toThrow(error('NN_MODEL_BLOB', /cannot be turned back.*Export ONNX/));
  },
);

test.each([
  ['TensorFlow Lite', Buffer.from('\x1c\0\0\0TFL3\x14\0', 'latin1')],
  ['ZIP archive', Buffer.from('PK\x03\x04\0\0')],
  ['HDF5', Buffer.from('\x89HDF\r\n', 'latin1')],
  ['compressed archive', Buffer.from('\xfd7zXZ\0', 'latin1')],
  ['OpenVINO', Buffer.from('<?xml version="1.0"?>')],
])('another kind of file is named: %s', async (what, bytes) => {
  await expect(look(bytes)).rejects.toThrow(error('NN_MODEL_INVALID', new RegExp(what)));
});

test('an empty and a missing file are no models', async () => {
  await expect(look(Buffer.alloc(0))).rejects.toThrow(error('NN_MODEL_INVALID', /empty/));
  await expect(assertMayBeOnnx('/nowhere/model.onnx')).rejects.toThrow(error('NN_MODEL_INVALID', /ENOENT/));
});

test('an ONNX model and what nobody knows pass: the runtime will tell', async () => {
  await look(constantModel({}));
  await look(Buffer.alloc(1, 7));
});
