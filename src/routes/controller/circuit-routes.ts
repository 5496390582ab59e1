import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '../../core/schema.ts';
import type { CircuitView } from '../../hardware/io/circuit-view.ts';
import { problems, readForms, reference } from '../http/index.ts';
import { type BoardRequest, bulkRequest, sameForAll } from './bulk-body.ts';
import { circuitType, findCircuit } from './circuit-address.ts';
import { Circuit, CircuitDescription } from './circuit-schema.ts';
import { circuitEntry } from './discovery.ts';
import type { ControllerRoutesOptions } from './index.ts';
import { freshView, freshViews } from './readings.ts';
import { circuitDict } from './representation.ts';
import { BulkBody, CircuitBody, CircuitParams, TypeParams } from './schema.ts';

const tags = ['controller'];
const consumes = ['application/json', 'application/x-www-form-urlencoded'];
const circuits = Type.Array(reference(Circuit));

/** Reading and writing circuits. */
export const circuitRoutes: FastifyPluginAsyncTypebox<
  Pick<ControllerRoutesOptions, 'board' | 'clock'>
> = async (app, options) => {
  const { board, clock } = options;
  const ofType = (name: string): readonly CircuitView[] => {
    const type = circuitType(name);
    return board.circuits().filter(({ channel }) => channel.type === type);
  };
  const write = async ({ writes, lease }: BoardRequest) => {
    const views = await board.write(writes, lease);
    return views.map(circuitDict);
  };
  readForms(app);
  // What a body may have depends on the circuit; it is checked there, see write-body.ts.
  app.setValidatorCompiler(() => (value) => ({ value }));

  app.get(
    '/',
    {
      schema: {
        operationId: 'listCircuits',
        tags,
        summary: 'Read all circuits',
        description:
          'From the hardware where it answers within a second; else from memory, with `health` and `age_ms`.',
        response: { 200: circuits, ...problems(500) },
      },
    },
    async () => (await freshViews(board, board.circuits(), clock)).map(circuitDict),
  );

  app.post(
    '/',
    {
      schema: {
        operationId: 'writeCircuits',
        tags,
        summary: 'Write several circuits',
        description: 'All is checked before anything is done. Answers what was read back, in the same order.',
        body: BulkBody,
        response: { 200: circuits, ...problems(400, 404, 409, 413, 415, 422, 500, 503, 504) },
      },
    },
    async ({ body }) => write(bulkRequest(board, body)),
  );

  app.get(
    '/circuits',
    {
      schema: {
        operationId: 'describeCircuits',
        tags,
        summary: 'Describe all circuits: what they are, what they do, what can be set',
        description: 'From memory.',
        response: {
          200: Type.Object({ circuits: Type.Array(reference(CircuitDescription)) }),
          ...problems(500),
        },
      },
    },
    async () => ({ circuits: board.circuits().map(circuitEntry) }),
  );

  app.get(
    '/:type',
    {
      schema: {
        operationId: 'listCircuitsOfType',
        tags,
        summary: 'Read all circuits of a type',
        params: TypeParams,
        response: { 200: circuits, ...problems(404, 500) },
      },
    },
    async ({ params }) => (await freshViews(board, ofType(params.type), clock)).map(circuitDict),
  );

  app.post(
    '/:type',
    {
      schema: {
        operationId: 'writeCircuitsOfType',
        tags,
        summary: 'Write all circuits of a type',
        description: 'The same body for each. All is checked before anything is done.',
        params: TypeParams,
        consumes,
        body: reference(CircuitBody),
        response: { 200: circuits, ...problems(400, 404, 409, 413, 415, 422, 500, 503, 504) },
      },
    },
    async ({ params, body }) => write(sameForAll(ofType(params.type), body)),
  );

  app.get(
    '/:type/:circuit',
    {
      schema: {
        operationId: 'getCircuit',
        tags,
        summary: 'Read a circuit',
        description: 'From the hardware; when it fails, the last value with `health` and `age_ms`.',
        params: CircuitParams,
        response: { 200: reference(Circuit), ...problems(404, 409, 422, 500, 503, 504) },
      },
    },
    async ({ params: { type, circuit } }) =>
      circuitDict(await freshView(board, findCircuit(board, type, circuit))),
  );

  app.post(
    '/:type/:circuit',
    {
      schema: {
        operationId: 'writeCircuit',
        tags,
        summary: 'Write a circuit',
        description:
          'Answers what was read back. Of `value`, `pulse_ms`, `blink`, `sequence` and `cancel` one can be asked for; `value` may be the value of a pulse, and may stand beside a duty cycle that says the same.',
        params: CircuitParams,
        consumes,
        body: reference(CircuitBody),
        response: { 200: reference(Circuit), ...problems(400, 404, 409, 413, 415, 422, 500, 503, 504) },
      },
    },
    async ({ params: { type, circuit }, body }) => {
      const view = findCircuit(board, type, circuit);
      const [dict] = await write(sameForAll([view], body));
      return dict ?? circuitDict(view);
    },
  );
};
