import type { Fact, Row, Verdict } from './fact.ts';
import type { Session } from './session.ts';

const LONGEST_MS = 120_000;

/** Checks facts one after the other. */
export async function* run(facts: readonly Fact[], session: Session): AsyncGenerator<Row> {
  for (const { id, what, expected, check } of facts) {
    yield { id, what, expected, ...(await verdictOf(check, session)) };
  }
}

/** A row of the table. */
export function line({ id, what, expected, seen, is }: Row): string {
  return [id, what, expected, seen, is].join(' · ');
}

async function verdictOf(check: Fact['check'], session: Session): Promise<Verdict> {
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
