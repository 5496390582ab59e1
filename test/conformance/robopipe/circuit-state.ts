import { field, type Session } from './session.ts';

/** Present state of every circuit of a type. */
export async function circuitsOf(session: Session, type: string): Promise<readonly unknown[]> {
  const { json } = await session.request(`/controller/${type}`);
  return Array.isArray(json) ? json : [];
}

/** Writes to each circuit what it was seen to have. */
export async function putBack(session: Session, type: string, before: readonly unknown[]): Promise<void> {
  for (const one of before) await session.postJson(`/controller/${type}/${field(one, 'circuit')}`, one);
}
