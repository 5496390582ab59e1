import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import cors from '@fastify/cors';
// Its types tell Fastify of operationId, tags and the like; the code runs in scripts only.
import type {} from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import { collectMethods } from './allowed-methods.ts';
import { answerClientError, HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './client-error.ts';
import { methodNotAllowed, routeNotFound } from './errors.ts';
import { Problem, problemOf, sendProblem } from './problem.ts';
import { createValidatorCompiler } from './validation.ts';

/** Largest request body unless a route says otherwise. */
const BODY_LIMIT_BYTES = 65_536;
const MAX_PARAM_LENGTH = 256;
/** How often Node looks for requests that have taken too long. */
const CHECKING_INTERVAL_MS = 5000;

export interface HttpServerOptions {
  readonly log: FastifyBaseLogger;
  /** Origins whose pages may use the API; `*` is every one. */
  readonly corsOrigins: readonly string[];
  /** Changes addresses before routes are looked for, of WebSockets too. */
  readonly rewriteUrl?: (url: string) => string;
}

/**
 * How schemas become functions. Given as a factory, because contexts that add schemas of their own would otherwise
 * fall back to Fastify's defaults.
 */
const compilersFactory = {
  buildValidator: () => createValidatorCompiler(),
  buildSerializer: () => () => JSON.stringify,
  // Fastify types them as exactly what its default compilers are; it only calls them as these are called
} as unknown as CompilersFactory;

type CompilersFactory = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>;

/** A Fastify instance with what all routes share and no route yet. */
export type HttpServer = ReturnType<typeof createHttpServer>;

/**
 * Makes a Fastify instance in which every answer has its CORS and security headers, every error is a problem
 * (RFC 9457), paths take a trailing slash or not, and bodies are validated strictly.
 */
export function createHttpServer({ log, corsOrigins, rewriteUrl = (url) => url }: HttpServerOptions) {
  const origins = corsOrigins.includes('*') ? '*' : [...corsOrigins];
  const fastify = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    rewriteUrl: ({ url = '/' }: IncomingMessage) => rewriteUrl(url),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECKING_INTERVAL_MS },
    clientErrorHandler: (error, socket) =>
      answerClientError(error, socket, origins === '*' ? origins : undefined),
    forceCloseConnections: true,
    schemaController: { compilersFactory },
    routerOptions: { ignoreTrailingSlash: true, caseSensitive: true, maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => {
      // A URL that names no route reaches no hook, and so not the CORS plugin either.
      const { origin } = request.headers;
      if (origins === '*') reply.header('access-control-allow-origin', '*');
      else if (origin !== undefined && origins.includes(origin)) {
        reply
          .header('access-control-allow-origin', origin)
          .header('access-control-allow-credentials', 'true')
          .header('vary', 'Origin');
      }
      addHeaders(request, reply);
      sendProblem(reply, problemOf(error));
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  fastify.addSchema(Problem);
  void fastify.register(cors, {
    origin: origins,
    credentials: origins !== '*',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['x-request-id', 'x-capture-time'],
    maxAge: 600,
    strictPreflight: false,
  });
  fastify.addHook('onRequest', async (request, reply) => addHeaders(request, reply));
  fastify.addHook('onResponse', async (request, reply) => {
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ status: reply.statusCode, ms }, `${request.method} ${request.url}`);
  });

  // Clients that always send a JSON content type do so without a body, too.
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body, done);
  });

  fastify.setErrorHandler((error, request, reply) => {
    const answer = problemOf(error);
    if (answer.status === 500) request.log.error({ err: error }, `${request.method} ${request.url} failed`);
    sendProblem(reply, answer);
  });
  const methodsOf = collectMethods(fastify);
  fastify.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = methodsOf(path);
    if (methods.length === 0 || methods.includes(request.method))
      return sendProblem(reply, routeNotFound(path));
    const allow = methods.join(', ');
    return sendProblem(reply.header('allow', allow), methodNotAllowed(request.method, path, allow));
  });
  return fastify;
}

function addHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff').header('x-request-id', request.id);
}
