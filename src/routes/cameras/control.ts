import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SensorControl } from '../../hardware/cameras/camera.ts';
import type { SensorControls } from '../../hardware/cameras/controls/index.ts';
import { JSON_OR_FORM, problems, readForms, reference } from '../http/index.ts';
import {
  ControlCapabilitiesSchema,
  ControlChange,
  ControlSettingsSchema,
  NativeControlChange,
  NativeControlValues,
} from './control-schema.ts';
import { SensorParams } from './schema.ts';

export interface ControlRoutesOptions {
  readonly controls: Pick<SensorControls, 'get' | 'set' | 'reset' | 'capabilities' | 'native' | 'setNative'>;
}

/** The controls of a sensor. Mounted below `/cameras` and `/camera`. */
export const controlRoutes: FastifyPluginAsyncTypebox<ControlRoutesOptions> = async (app, { controls }) => {
  for (const schema of [ControlSettingsSchema, ControlCapabilitiesSchema, NativeControlValues]) {
    app.addSchema(schema);
  }
  readForms(app);
  const path = '/:mxid/streams/:sensor/control';
  const read = { tags: ['controls'], params: SensorParams };
  const failures = problems(404, 422, 500, 503, 504);
  const write = {
    ...read,
    consumes: JSON_OR_FORM,
  };
  const writeFailures = problems(400, 404, 409, 413, 415, 422, 500, 503, 504);

  app.get(
    path,
    {
      schema: {
        ...read,
        operationId: 'getControl',
        summary: 'Read the controls of a sensor',
        response: { 200: reference(ControlSettingsSchema), ...failures },
      },
    },
    async ({ params: { mxid, sensor } }) => controls.get(mxid, sensor),
  );

  app.post(
    path,
    {
      schema: {
        ...write,
        operationId: 'setControl',
        summary: 'Change controls of a sensor',
        description: 'The answer is what the camera says afterwards. What was set outlasts restarts.',
        body: ControlChange,
        response: { 200: reference(ControlSettingsSchema), ...writeFailures },
      },
    },
    async ({ params: { mxid, sensor }, body }) => controls.set(mxid, sensor, body),
  );

  app.get(
    `${path}/capabilities`,
    {
      schema: {
        ...read,
        operationId: 'getControlCapabilities',
        summary: 'Read what the controls of a sensor take',
        response: { 200: reference(ControlCapabilitiesSchema), ...failures },
      },
    },
    async ({ params: { mxid, sensor } }) => controls.capabilities(mxid, sensor),
  );

  app.post(
    `${path}/reset`,
    {
      schema: {
        ...write,
        operationId: 'resetControl',
        summary: 'Set the controls of a sensor to the defaults of the device, and forget what was set',
        response: { 200: reference(ControlSettingsSchema), ...writeFailures },
      },
    },
    async ({ params: { mxid, sensor } }) => controls.reset(mxid, sensor),
  );

  app.get(
    `${path}/native`,
    {
      schema: {
        ...read,
        operationId: 'getNativeControl',
        summary: "Read the controls of a sensor under the driver's names",
        response: { 200: reference(NativeControlValues), ...failures },
      },
    },
    async ({ params: { mxid, sensor } }) => valuesOf(await controls.native(mxid, sensor)),
  );

  app.post(
    `${path}/native`,
    {
      schema: {
        ...write,
        operationId: 'setNativeControl',
        summary: "Set controls of a sensor under the driver's names",
        body: NativeControlChange,
        response: { 200: reference(NativeControlValues), ...writeFailures },
      },
    },
    async ({ params: { mxid, sensor }, body }) => {
      const values = Object.entries(body).map(([name, value]) => ({ name, value }));
      return valuesOf(await controls.setNative(mxid, sensor, values));
    },
  );
};

function valuesOf(controls: readonly SensorControl[]): Record<string, number | string> {
  return Object.fromEntries(
    controls.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  );
}
