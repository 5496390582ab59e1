import type { FastifyInstance } from 'fastify';

/**
 * Collects the routes of an instance as they are added.
 * @returns the methods that a path does answer, sorted; none when no route has this path.
 */
export function collectMethods(fastify: FastifyInstance): (path: string) => string[] {
  const routes = new Map<string, { matches: RegExp; methods: Set<string> }>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url === '*') return; // the preflight route answers OPTIONS everywhere
    const pattern = url
      .replace(/\/$/, '')
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replace(/\*/g, '.*');
    const route = routes.get(pattern) ?? { matches: new RegExp(`^${pattern}/?$`), methods: new Set() };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(pattern, route);
  });
  return (path) => {
    const matching = [...routes.values()].filter(({ matches }) => matches.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  };
}
