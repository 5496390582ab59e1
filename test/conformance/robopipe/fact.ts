import type { Session } from './session.ts';

/** What came of checking a fact. */
export interface Verdict {
  readonly is: 'PASS' | 'FAIL' | 'SKIP';
  /** What was seen, or why it was not looked at. */
  readonly seen: string;
}

/** One thing that a client of Robopipe relies on. */
export interface Fact {
  /** Section of the description of the public system, and a name: `1.2/still-png`. */
  readonly id: string;
  readonly what: string;
  /** In words; where the original has a defect, the better behaviour, and in brackets what the original does. */
  readonly expected: string;
  /** A throw is a FAIL. */
  check(session: Session): Promise<Verdict>;
}

export const verdict = (isRight: boolean, seen: string): Verdict => ({ is: isRight ? 'PASS' : 'FAIL', seen });
export const skipped = (why: string): Verdict => ({ is: 'SKIP', seen: why });

/** A value in one line of a table. */
export function shown(value: unknown, longest = 160): string {
  const text = (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).replace(
    /\s+/g,
    ' ',
  );
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
