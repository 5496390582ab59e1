import { AppError } from '../core/app-error.ts';

/**
 * NN_RUNTIME_MISSING: onnxruntime-node is not installed, or its binary does not load on this machine.
 * @param reason what importing it said.
 */
export function runtimeMissing(reason: string): AppError {
  return new AppError(
    'NN_RUNTIME_MISSING',
    'not-implemented',
    'Running models needs the package onnxruntime-node: `npm install onnxruntime-node`, or `./scripts/setup --dev`. ' +
      'If its install script fails, set ONNXRUNTIME_NODE_INSTALL=skip: the processor needs no download. ' +
      `Importing it said: ${firstLine(reason)}.`,
  );
}

/** NN_MODEL_INVALID: the file is no model that the service can run; `wrong` says why. */
export function modelInvalid(wrong: string): AppError {
  return new AppError('NN_MODEL_INVALID', 'invalid', `The model cannot be used: ${wrong}.`);
}

/** NN_MODEL_BLOB: the file is compiled for a Myriad X, as DepthAI cameras take it. */
export function modelIsBlob(): AppError {
  return new AppError(
    'NN_MODEL_BLOB',
    'invalid',
    'This is a blob compiled for the Myriad X processor, which cannot be turned back into a model. Export ONNX from ' +
      'where the model was trained (PyTorch: torch.onnx.export; Ultralytics: yolo export format=onnx; TensorFlow: tf2onnx).',
  );
}

/** NN_CONFIG_INVALID: a field is wrong in itself or for this model. `field` is its path: `nn_config.iou_threshold`. */
export function modelConfigInvalid(field: string, seen: unknown, expected: string): AppError {
  const shown = seen === undefined ? 'absent' : (JSON.stringify(seen)?.slice(0, 80) ?? 'no value');
  return new AppError('NN_CONFIG_INVALID', 'invalid', `${field} is ${shown}; expected ${expected}.`);
}

/** NN_RUNTIME_FAILED: the runtime threw while it ran the model, or its thread has ended. */
export function runtimeFailed(reason: string): AppError {
  return new AppError('NN_RUNTIME_FAILED', 'unavailable', `The model did not run: ${firstLine(reason)}.`);
}

/** What a library says, without its stack of lines and closing period. */
export function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 500).trim().replace(/\.$/, '');
}

/** NN_NOT_FOUND: there is no model on this sensor. `sensor` is `MXID/CAM_A`. */
export function modelNotFound(sensor: string): AppError {
  return new AppError(
    'NN_NOT_FOUND',
    'not-found',
    `There is no model on ${sensor}; deploy one with POST to the stream's address and /nn.`,
  );
}

/** NN_MODEL_TOO_LARGE: the file has more bytes than the configuration allows. */
export function modelTooLarge(maxBytes: number): AppError {
  return new AppError(
    'NN_MODEL_TOO_LARGE',
    'too-large',
    `The model has more than the ${maxBytes} bytes that a model may have (inference.maxModelBytes).`,
  );
}

/** NN_OVERLOADED: as many models as may be are being deployed at this moment. */
export function tooManyUploads(maximum: number): AppError {
  return new AppError(
    'NN_OVERLOADED',
    'unavailable',
    `${maximum} models are being deployed already, the most at once; try again when one is done.`,
  );
}

/** STREAM_TOO_MANY_READERS: as many clients as may be read the results of one sensor. */
export function tooManyResultReaders(sensor: string, maximum: number): AppError {
  return new AppError(
    'STREAM_TOO_MANY_READERS',
    'unavailable',
    `The results of ${sensor} already have ${maximum} readers, the most they may have (streams.maxReaders).`,
  );
}

/** STATE_UNWRITABLE: the folder of the models takes no file. */
export function modelUnwritable(folder: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError(
    'STATE_UNWRITABLE',
    'unavailable',
    `The model cannot be kept in ${folder}: ${reason}; see \`state.folder\` in the configuration.`,
    { cause },
  );
}
