/** Replies of Redis are read as what the script says that it answers: anything else is a fault of ours, not of a caller. */

export function textOf(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  if (typeof reply === 'number') return String(reply);
  if (reply instanceof Buffer) return reply.toString();
  throw new TypeError(`Redis answered ${reply === null ? 'nothing' : typeof reply}, not a text`);
}

export const listOf = (reply: unknown): readonly unknown[] => (Array.isArray(reply) ? reply : []);

export const textsOf = (reply: unknown): readonly string[] => listOf(reply).map(textOf);

/** Undefined for an empty text. */
export function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}
