import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts one of the service's modules as a worker thread.
 *
 * Node 20 cannot load TypeScript in a thread: when the service runs from its sources (tests, tsx), the compiled
 * copy under dist/ is started instead.
 * @param module URL of the module beside the caller: `new URL('./capture-thread.js', import.meta.url)`.
 */
export function startThread(module: URL, options: WorkerOptions): Worker {
  return new Worker(compiledModule(module), options);
}

/** Where the compiled form of a module is: itself in an installed service, its copy under dist/ in a checkout. */
export function compiledModule(module: URL): URL {
  return import.meta.url.endsWith('.ts') ? new URL(module.href.replace('/src/', '/dist/')) : module;
}
