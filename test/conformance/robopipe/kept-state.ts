import { type Fact, shown, skipped, verdict } from './fact.ts';
import type { RequestFact } from './request-fact.ts';

/** Keeps what a GET of this path answers, before later facts change it; for `sentBack`. */
export function keeps(path: string): NonNullable<RequestFact['holds']> {
  return ({ json }, session) => {
    session.keep(path, json);
    return true;
  };
}

/** A fact about the whole of what was kept, posted to where it came from. */
export function sentBack(id: string, what: string, path: string): Fact {
  return {
    id,
    what,
    expected: '200',
    check: async (session) => {
      const before = session.kept(path);
      if (before === undefined || before === null) return skipped('nothing was kept');
      const answer = await session.postJson(path, before);
      return verdict(answer.status === 200, `${answer.status} ${shown(answer.text)}`);
    },
  };
}
