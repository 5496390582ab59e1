import type { Fact, Verdict } from './fact.ts';
import type { Session } from './session.ts';

const LONGEST_MS = 120_000;

/** Checks one fact; whatever is thrown is a FAIL. */
export async function verdictOf({ check }: Fact, session: Session): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Verdict>((resolve) => {
    const late = { is: 'FAIL', seen: `nothing within ${LONGEST_MS / 1000} s` } as const;
    timer = setTimeout(() => resolve(late), LONGEST_MS);
  });
  try {
    return await Promise.race([check(session), limit]);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { is: 'FAIL', seen: `${error}${cause}` };
  } finally {
    clearTimeout(timer);
  }
}
