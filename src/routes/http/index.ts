export { requestInvalid } from './errors.ts';
export { serveFolder } from './folder.ts';
export { JSON_OR_FORM, parseFormWithLists, readForms } from './form-body.ts';
export { ignoreBodies } from './ignored-body.ts';
export { assertOrigin } from './origin.ts';
export { type Problem, problem, problemOf, problems, sendProblem } from './problem.ts';
export { JSON_NULL, jsonNull, reference, text } from './responses.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';
export { refuseSocket, webSocketHandshakes } from './upgrade.ts';
