import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../core/app-error.ts';
import {
  type ModelConfig,
  type ModelStore,
  type ModelUpload,
  parseModelConfig,
} from '../../inference/index.ts';
import { requestInvalid } from '../http/index.ts';

/** Most bytes of a configuration: its labels can be many. */
export const MAX_CONFIG_BYTES = 1024 * 1024;
/** The names of the configuration's part in Robopipe's versions, newest first. */
const CONFIG_NAMES = ['config', 'nn_config'];
/** What a form may have beside its model and its configuration. */
const FORM_BYTES = 2 * MAX_CONFIG_BYTES;

/** What a client sends to deploy a model. */
interface ReceivedModel {
  /** On the disk; whoever received it disposes it. */
  readonly upload: ModelUpload;
  readonly config: ModelConfig;
}

/**
 * Reads the form of a deployment: the file `model`, and `config` or `nn_config` as JSON, in any order. Without a
 * configuration the model is `Generic`; unknown parts are ignored. When it fails, what still arrives is thrown away.
 * @throws AppError REQUEST_INVALID, NN_CONFIG_INVALID, and what receiving the model throws.
 */
export async function receiveModel(request: FastifyRequest, models: ModelStore): Promise<ReceivedModel> {
  models.assertSize(Number(request.headers['content-length'] ?? 0) - FORM_BYTES);
  if (!request.isMultipart()) throw requestInvalid('The body must be a form, multipart/form-data.');
  const texts = new Map<string, string>();
  let upload: ModelUpload | undefined;
  try {
    for await (const part of request.parts()) {
      if (CONFIG_NAMES.includes(part.fieldname)) texts.set(part.fieldname, await textOf(part));
      else if (part.fieldname !== 'model') await discard(part);
      else if (upload !== undefined) throw requestInvalid('The form has two models.');
      else if (part.type !== 'file') throw requestInvalid('The part model must be a file, with a name.');
      else upload = await models.receive(part.file);
    }
    if (upload === undefined) throw requestInvalid('The form has no file model.');
    const text = CONFIG_NAMES.map((name) => texts.get(name)).find((each) => each !== undefined);
    return { upload, config: parseModelConfig(text === undefined ? { type: 'Generic' } : parsed(text)) };
  } catch (error) {
    await upload?.[Symbol.asyncDispose]();
    request.raw.resume(); // a client that does not read while it sends would never see the answer
    throw formProblem(error);
  }
}

/** @throws AppError REQUEST_INVALID when it is longer than it may be. */
async function textOf(part: Multipart): Promise<string> {
  const tooLong = (): AppError =>
    requestInvalid(`${part.fieldname} has more than the ${MAX_CONFIG_BYTES} bytes that it may have.`);
  if (part.type === 'field') {
    if (part.valueTruncated) throw tooLong();
    // A part that says to be JSON has been parsed already.
    return typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    // busboy's files give Buffers
    bytes += chunk.length;
    if (bytes > MAX_CONFIG_BYTES) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function discard(part: Multipart): Promise<void> {
  if (part.type === 'file') for await (const _chunk of part.file);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw requestInvalid(`The configuration is no JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

/** A form that cannot be read is the client's mistake, whatever reading it threw. */
function formProblem(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if ('statusCode' in error && error.statusCode === 413) return error;
  return requestInvalid(`The form cannot be read: ${error.message}.`);
}
