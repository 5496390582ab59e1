// Prints every route of the built service with its methods.
import { builtApp } from './built-app.mjs';

const app = await builtApp();
console.log(app.fastify.printRoutes({ commonPrefix: false }));
await app[Symbol.asyncDispose]();
