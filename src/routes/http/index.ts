export { serveFolder } from './folder.ts';
export { type Problem, problem, problems, sendProblem } from './problem.ts';
export { reference, text } from './responses.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';
export { refuseSocket, webSocketHandshakes } from './upgrade.ts';
