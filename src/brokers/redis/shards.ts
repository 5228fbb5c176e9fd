/** Tokens and ids of outcomes hold their shard in their lowest four bits. */
export const MAX_SHARDS = 16;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of 32 bits (Fowler, Noll and Vo): the same in every process, and even over ids that differ in their end. */
function hash(text: string): number {
  let value = FNV_OFFSET;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, FNV_PRIME);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Where all of a session is. */
export const shardOfSession = (session: string, shards: number): number => hash(session) % shards;

/** Where the job of a lease, or an outcome, is. */
export const shardOfNumber = (number: number): number => number % MAX_SHARDS;
