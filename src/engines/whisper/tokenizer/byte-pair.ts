/** Byte pair encoding over byte strings (one character a byte, U+0000 to U+00FF): tiktoken's rule of lowest rank first. */

/**
 * Longer pieces are cut here before merging, so that a hostile text costs time in proportion to its length.
 * No word is near it: it only meets runs like 5,000 dashes.
 */
const MAX_PIECE_BYTES = 2048;
const NO_PAIR = 0x7fffffff;

export interface Ranks {
  /** The id of a byte string, undefined when it is no token. */
  id(token: string): number | undefined;
  /** When two neighbours that form this token merge: lowest first. Undefined when they never do. */
  rank(token: string): number | undefined;
}

/** The tokens of one piece of text; every single byte must be a token. */
export function mergeBytes(piece: string, ranks: Ranks): number[] {
  const whole = ranks.id(piece);
  if (whole !== undefined) return [whole];
  const ids: number[] = [];
  for (let from = 0; from < piece.length; from += MAX_PIECE_BYTES) {
    ids.push(...mergeShort(piece.slice(from, from + MAX_PIECE_BYTES), ranks));
  }
  return ids;
}

function mergeShort(piece: string, ranks: Ranks): number[] {
  const edges = Array.from({ length: piece.length + 1 }, (_, index) => index);
  const pairAt = (index: number): number => {
    const end = edges[index + 2];
    return end === undefined ? NO_PAIR : (ranks.rank(piece.slice(edges[index], end)) ?? NO_PAIR);
  };
  const pairs = edges.map((_, index) => pairAt(index));
  for (;;) {
    let best = 0;
    let lowest = NO_PAIR;
    for (let index = 0; index < pairs.length; index++) {
      const rank = pairs[index] ?? NO_PAIR;
      if (rank < lowest) {
        lowest = rank;
        best = index;
      }
    }
    if (lowest === NO_PAIR) break;
    edges.splice(best + 1, 1);
    pairs.splice(best + 1, 1);
    pairs[best] = pairAt(best);
    if (best > 0) pairs[best - 1] = pairAt(best - 1);
  }
  const ids: number[] = [];
  for (let index = 0; index + 1 < edges.length; index++) {
    const id = ranks.id(piece.slice(edges[index], edges[index + 1]));
    if (id !== undefined) ids.push(id);
  }
  return ids;
}
