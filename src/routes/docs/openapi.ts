import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

/** How the OpenAPI document is made from the routes. */
export function openApiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Vidicon API',
        version,
        description:
          'Cameras of this machine as live video, stills and REST. Every path below `/cameras` exists below ' +
          '`/camera`, too, and takes a trailing slash or not. Errors are `application/problem+json` (RFC 9457). ' +
          'The WebSocket `/cameras/{mxid}/streams/{sensor}/video` is described in openapi/websocket.md.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'cameras', description: 'Devices.' },
        { name: 'streams', description: 'The image streams of a camera.' },
        { name: 'system', description: 'The service itself.' },
      ],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema['$id'] ?? `def-${index}`),
    },
  };
}
