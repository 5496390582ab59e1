export { serveFolder } from './folder.ts';
export { Problem, ProblemResponse, problems } from './problem.ts';
export { reference, text } from './responses.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';
