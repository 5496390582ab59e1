import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SensorConfigs } from '../../hardware/cameras/modes/index.ts';
import type { StreamRegistry } from '../../streams/index.ts';
import { JSON_OR_FORM, parseFormWithLists, problems, readForms, reference } from '../http/index.ts';
import { AvailableModes, SensorConfigChange, SensorConfigSchema } from './config-schema.ts';
import { SensorParams } from './schema.ts';

export interface ConfigRoutesOptions {
  readonly configs: Pick<SensorConfigs, 'get' | 'change' | 'available'>;
  readonly streams: Pick<StreamRegistry, 'get'>;
}

/** The size and rate of a sensor, and the size of its stills. Mounted below `/cameras` and `/camera`. */
export const configRoutes: FastifyPluginAsyncTypebox<ConfigRoutesOptions> = async (app, options) => {
  const { configs, streams } = options;
  app.addSchema(SensorConfigSchema);
  readForms(app, parseFormWithLists);
  const path = '/:mxid/streams/:sensor/config';
  const shared = { tags: ['streams'], params: SensorParams };
  const config = reference(SensorConfigSchema);

  app.get(
    path,
    {
      schema: {
        ...shared,
        operationId: 'getConfig',
        summary: 'Read the size and rate of a sensor',
        response: { 200: config, ...problems(404, 422, 500) },
      },
    },
    async ({ params: { mxid, sensor } }) => configs.get(mxid, sensor, streams.get(mxid, sensor).mode),
  );

  app.post(
    path,
    {
      schema: {
        ...shared,
        operationId: 'setConfig',
        summary: 'Set the size and rate of a sensor, and the size of its stills',
        description:
          'A running stream goes on with a new init segment; its readers stay. A camera that refuses goes on as ' +
          'before, and the answer is its error. What was set outlasts restarts and counts more than the ' +
          'configuration file.',
        consumes: JSON_OR_FORM,
        body: SensorConfigChange,
        response: { 200: config, ...problems(400, 404, 409, 413, 415, 422, 500, 503, 504) },
      },
    },
    async ({ params: { mxid, sensor }, body }) =>
      configs.change(mxid, sensor, body, streams.get(mxid, sensor)),
  );

  app.get(
    `${path}/available`,
    {
      schema: {
        ...shared,
        operationId: 'listConfigs',
        summary: 'List the sizes and rates of a sensor',
        response: { 200: AvailableModes, ...problems(404, 422, 500) },
      },
    },
    async ({ params: { mxid, sensor } }) => configs.available(mxid, sensor),
  );
};
