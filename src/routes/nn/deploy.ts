import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SensorParams } from '../cameras/schema.ts';
import { problems } from '../http/index.ts';
import type { NnRoutesOptions } from './index.ts';
import { MAX_CONFIG_BYTES, receiveModel } from './model-form.ts';
import { ModelForm, Nothing } from './schema.ts';

/** Parts of a form: the model, its configuration under either name, and what a client may send beside. */
const MAX_PARTS = 16;
const MAX_NAME_BYTES = 100;

/** `POST …/nn`: puts a model on a sensor. */
export const deployRoute: FastifyPluginAsyncTypebox<NnRoutesOptions> = async (app, options) => {
  const { deployments, models, streams } = options;
  app.removeAllContentTypeParsers(); // a form, nothing else
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      fileSize: Number.POSITIVE_INFINITY, // the store counts what it writes
      fieldSize: MAX_CONFIG_BYTES,
      fieldNameSize: MAX_NAME_BYTES,
      parts: MAX_PARTS,
      headerPairs: 20,
    },
  });
  app.post(
    '/:mxid/streams/:sensor/nn',
    {
      schema: {
        operationId: 'deployNn',
        tags: ['inference'],
        summary: 'Deploy a model',
        description:
          'Answers when the model is loaded and runs. One that was deployed before goes on until then, and stays ' +
          'when the new one is refused; its sockets stay open.',
        params: SensorParams,
        body: ModelForm,
        response: { 201: Nothing, ...problems(400, 404, 413, 415, 422, 500, 501, 503) },
      },
    },
    async (request, reply) => {
      const { mxid, sensor } = request.params;
      streams.get(mxid, sensor);
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const { upload, config } = await receiveModel(request, models);
      try {
        await deployments.deploy(mxid, sensor, upload, config, { signal: gone.signal });
      } finally {
        await upload[Symbol.asyncDispose]();
      }
      return reply.code(201).send(null);
    },
  );
};
