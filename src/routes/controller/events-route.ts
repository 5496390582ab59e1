import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { closeSocket } from '../../streams/transports/websocket/index.ts';
import { assertOrigin, sendProblem } from '../http/index.ts';
import { tooManyClients, upgradeRequired } from './errors.ts';
import { EventFeed } from './event-feed.ts';
import { eventFilter } from './event-filter.ts';
import { EventsSocket } from './events-socket.ts';
import type { ControllerRoutesOptions } from './index.ts';
import { EventsQuery } from './schema.ts';

/** Most clients of the events socket. */
const MAX_CLIENTS = 64;

/**
 * The events socket, described in openapi/websocket.md. Origin, filter and room are checked before the upgrade, so
 * that a refusal is an HTTP status a client can read.
 */
export const eventsRoute: FastifyPluginAsyncTypebox<ControllerRoutesOptions> = async (app, options) => {
  const { board, clock, corsOrigins } = options;
  const feed = new EventFeed(board, clock);
  app.addHook('onClose', async () => feed[Symbol.dispose]());
  const filterOf = ({ types, circuits }: { readonly types?: string; readonly circuits?: string }) =>
    eventFilter(board, listOf(types), listOf(circuits));
  app.route({
    method: 'GET',
    url: '/events',
    exposeHeadRoute: false,
    schema: { querystring: EventsQuery, hide: true },
    preHandler: async ({ headers, query }) => {
      assertOrigin(headers.origin, headers.host, corsOrigins);
      filterOf(query);
      if (feed.clients >= MAX_CLIENTS) throw tooManyClients(MAX_CLIENTS);
    },
    handler: async (_request, reply) => {
      void reply.header('upgrade', 'websocket').header('sec-websocket-version', '13');
      sendProblem(reply, upgradeRequired());
      return reply;
    },
    wsHandler: (socket, { query, log }) => {
      // Another client took the last place while this one's socket opened.
      if (feed.clients >= MAX_CLIENTS) closeSocket(socket, tooManyClients(MAX_CLIENTS));
      else new EventsSocket(socket, { board, feed, filter: filterOf(query), clock, log });
    },
  });
};

function listOf(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',');
}
