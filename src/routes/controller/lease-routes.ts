import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '../../core/schema.ts';
import { leaseNotFound } from '../../hardware/io/errors.ts';
import { problems, reference } from '../http/index.ts';
import { Lease } from './circuit-schema.ts';
import type { ControllerRoutesOptions } from './index.ts';
import { leaseAnswer } from './representation.ts';
import { LeaseParams } from './schema.ts';

const tags = ['controller'];

/** Leases: made by writes with `lease_ms`, renewed and ended here. */
export const leaseRoutes: FastifyPluginAsyncTypebox<Pick<ControllerRoutesOptions, 'board'>> = async (
  app,
  { board },
) => {
  app.get(
    '/leases',
    {
      schema: {
        operationId: 'listLeases',
        tags,
        summary: 'List the leases that run',
        response: { 200: Type.Array(reference(Lease)), ...problems(500) },
      },
    },
    async () => board.leases().map(leaseAnswer),
  );

  app.post(
    '/leases/:id',
    {
      schema: {
        operationId: 'renewLease',
        tags,
        summary: 'Renew a lease: its time begins anew',
        params: LeaseParams,
        response: { 200: reference(Lease), ...problems(404, 500) },
      },
    },
    async ({ params }) => leaseAnswer(board.renewLease(params.id)),
  );

  app.delete(
    '/leases/:id',
    {
      schema: {
        operationId: 'endLease',
        tags,
        summary: 'End a lease: its outputs go to their safe values',
        description: 'Answers what it was.',
        params: LeaseParams,
        response: { 200: reference(Lease), ...problems(404, 500, 503, 504) },
      },
    },
    async ({ params: { id } }) => {
      const last = board.leases().find((lease) => lease.id === id);
      await board.endLease(id);
      if (last === undefined) throw leaseNotFound(id);
      return leaseAnswer({ ...last, remainingMs: 0, isHeld: false });
    },
  );
};
