export { requestInvalid } from './errors.ts';
export { serveFolder } from './folder.ts';
export { assertOrigin } from './origin.ts';
export { type Problem, problem, problemOf, problems, sendProblem } from './problem.ts';
export { reference, text } from './responses.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';
export { refuseSocket, webSocketHandshakes } from './upgrade.ts';
